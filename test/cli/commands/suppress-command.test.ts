import { describe, expect, it } from 'vitest';
import type { Suppression } from '#store/destinations.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { MAIL, Sending, START_MS } from '#test/support/sending.ts';

type Suppress = (...words: string[]) => Promise<ProgramRun>;

function inOneDirectory(): Suppress {
  const stateDir = scratchDirectory();
  return (...words) => run(['suppress', ...words], { stateDir });
}

const SILENT = { code: 0, stdout: '', stderr: '' };

function saying(line: string): ProgramRun {
  return { code: 0, stdout: `${line}\n`, stderr: '' };
}

describe('tlsrpt suppress', () => {
  it('lists what was added and not removed', async () => {
    const suppress = inOneDirectory();
    expect(await suppress('list')).toEqual(SILENT);
    expect(await suppress('add', 'tls@good.example')).toEqual(
      saying('mailto:tls@good.example gets no reports until that is removed'),
    );
    expect(await suppress('add', 'https://good.example/r', '--until', '2026-12-24')).toEqual(
      saying('https://good.example/r gets no reports until 2026-12-24'),
    );
    expect((await suppress('list')).stdout).toBe(
      'https://good.example/r\tuntil 2026-12-24\tby hand\nmailto:tls@good.example\tuntil removed\tby hand\n',
    );
    expect(await suppress('remove', 'tls@good.example')).toEqual(
      saying('mailto:tls@good.example may get reports again'),
    );
    expect((await suppress('list')).stdout).toBe('https://good.example/r\tuntil 2026-12-24\tby hand\n');
  });

  it('lists JSON when asked for, and takes --json for nothing else', async () => {
    const suppress = inOneDirectory();
    expect(JSON.parse((await suppress('list', '--json')).stdout)).toEqual([]);
    await suppress('add', 'tls@good.example');
    await suppress('add', 'https://good.example/r', '--until', '2026-12-24');
    expect(JSON.parse((await suppress('list', '--json')).stdout)).toEqual([
      { address: 'https://good.example/r', until: '2026-12-24T00:00:00.000Z', reason: null },
      { address: 'mailto:tls@good.example', until: null, reason: null },
    ]);
    expect(await suppress('remove', 'tls@good.example', '--json')).toMatchObject({ code: 64, stdout: '' });
  });

  it.each([
    ['tls@good.example', 'mailto:tls@GOOD.example', 'mailto:tls@good.example'],
    ['mailto:tls%2Ba@good.example', 'tls+a@good.example', 'mailto:tls+a@good.example'],
    ['https://good.example', 'HTTPS://Good.example:443/', 'https://good.example/'],
    ['tls!x@good.example', 'mailto:tls%21x@good.example', 'mailto:tls!x@good.example'],
    ['TLS@good.example', 'tls@good.example', 'mailto:tls@good.example'],
    ['50%off@good.example', 'mailto:50%25off@good.example', 'mailto:50%off@good.example'],
  ])('knows %s and %s as the same address', async (added, removed, listed) => {
    const suppress = inOneDirectory();
    await suppress('add', added);
    await suppress('add', removed);
    expect((await suppress('list')).stdout).toBe(`${listed}\tuntil removed\tby hand\n`);
    await suppress('remove', removed);
    expect((await suppress('list')).stdout).toBe('');
  });

  it('lists what send heeds, and nothing for refusals that was noted while the clock was a year ahead', async () => {
    const sending = await Sending.with();
    sending.store.destinations.change((destinations) => {
      const lasting = (address: string, days: number): Suppression => ({
        address,
        untilMs: START_MS + days * 86_400_000,
        reason: 'it refused',
      });
      const suppressions = [lasting('mailto:week@good.example', 7), lasting('mailto:year@good.example', 372)];
      destinations.note({ results: [], refusals: [], accepted: [], suppressions, nowMs: START_MS });
    });
    const { stdout } = await run(['suppress', 'list'], { stateDir: sending.store.path, nowMs: START_MS });
    expect(stdout).toBe('mailto:week@good.example\tuntil 2026-11-27\tit refused\n');
  });

  it('takes the last word about how long', async () => {
    const suppress = inOneDirectory();
    await suppress('add', 'tls@good.example', '--until', '2026-12-24');
    await suppress('add', 'tls@good.example');
    expect((await suppress('list')).stdout).toBe('mailto:tls@good.example\tuntil removed\tby hand\n');
  });

  it('no longer lists what is over', async () => {
    const stateDir = scratchDirectory();
    await run(['suppress', 'add', 'tls@good.example', '--until', '2026-11-21'], { stateDir });
    const nowMs = Date.UTC(2026, 10, 21);
    expect(await run(['suppress', 'list'], { stateDir, nowMs })).toEqual(SILENT);
  });

  it('lists why an address is suppressed that refused for too long', async () => {
    const sending = await Sending.with();
    for (let day = 0; day < 3; day += 1) {
      sending.queue({ destinations: [MAIL], dueMs: sending.nowMs });
      await sending.run({ kind: 'refused', reply: '550 no \u001b[2Jsuch user' });
      sending.nowMs += 86_400_000;
    }
    const { stdout } = await run(['suppress', 'list'], { stateDir: sending.store.path, nowMs: sending.nowMs });
    expect(stdout).toBe(
      `${MAIL}\tuntil 2026-11-29\tit refused reports on 3 days in a row, at last with: 550 no \\u001b[2Jsuch user\n`,
    );
  });

  it('tells removing what is not there from success', async () => {
    const suppress = inOneDirectory();
    await suppress('add', 'tls@other.example');
    const { code, stdout, stderr } = await suppress('remove', 'tls@good.example');
    expect({ code, stdout }).toEqual({ code: 65, stdout: '' });
    expect(stderr).toContain('error not-suppressed: mailto:tls@good.example is not suppressed');
  });

  it('changes nothing with --dry-run, and says what it would change', async () => {
    const suppress = inOneDirectory();
    expect(await suppress('add', 'tls@good.example', '--dry-run')).toEqual(
      saying('mailto:tls@good.example would be changed: it gets no reports until that is removed'),
    );
    expect(await suppress('list')).toEqual(SILENT);
    await suppress('add', 'tls@good.example');
    expect(await suppress('remove', 'tls@good.example', '--dry-run')).toEqual(
      saying('mailto:tls@good.example would be changed: it may get reports again'),
    );
    expect((await suppress('list')).stdout).toContain('tls@good.example');
    expect((await suppress('remove', 'tls@other.example', '--dry-run')).code).toBe(65);
  });

  it.each([
    [[], 'suppress does not know what to do: write add, remove or list.'],
    [['frob', 'x'], 'suppress does not know what to do by "frob": write add, remove or list.'],
    [['add'], 'suppress add needs an address: a mailbox or an https:// URL.'],
    [['remove'], 'suppress remove needs an address'],
    [['add', 'nobody'], 'nobody is no reporting address: it names no mailbox.'],
    [['add', 'http://good.example/r'], 'http://good.example/r is no reporting address'],
    [['add', 'a@x.example\r\nBcc: b@y.example'], 'is no reporting address'],
    [['add', 'tls@good.example', '--until', 'friday'], '--until friday is no date. Write it as YYYY-MM-DD.'],
    [['add', 'tls@good.example', '--until', '2026-02-30'], '--until 2026-02-30 is no date'],
    [['add', 'tls@good.example', '--until', '2026-11-20'], '--until 2026-11-20 has begun already (UTC).'],
    [['add', 'tls@good.example', 'tls@other.example'], 'suppress takes no "tls@other.example"'],
    [['remove', 'tls@good.example', '--until', '2026-12-24'], '--until goes with suppress add, not with remove.'],
    [['list', 'tls@good.example'], 'suppress list takes no "tls@good.example".'],
    [['list', '--until', '2026-12-24'], '--until goes with suppress add, not with list.'],
  ])('%j ends with 64, and changes nothing', async (words, message) => {
    const suppress = inOneDirectory();
    const { code, stdout, stderr } = await suppress(...words);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(message);
    expect((await suppress('list')).stdout).toBe('');
  });
});
