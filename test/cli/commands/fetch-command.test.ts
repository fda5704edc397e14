import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { readSys4Domain, readSys4List } from '#test/support/sys4.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';

describe('tlsrpt fetch', () => {
  it('wants a source', async () => {
    const { code, stderr } = await run(['fetch']);
    expect([code, stderr]).toEqual([64, expect.stringContaining('fetch needs a source')]);
  });

  it('tells what is wrong with a source before it fetches from any', async () => {
    const { code, stderr } = await run(['fetch', '/nonexistent', 'ssh mx1 fetcher | tee log']);
    expect([code, stderr]).toEqual([64, expect.stringContaining('without a shell')]);
    expect(stderr).not.toContain('/nonexistent');
  });

  it('fetches from the configured sources, and ends with the worst of what happened', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'a.example' })]);
    const configuration = `[fetch]\nsources = [${JSON.stringify(days.store.path)}, "no-such-fetcher"]\n`;
    const { code, stderr } = await run(['fetch', '--day', DAY], { configuration });
    expect([code, stderr]).toEqual([69, expect.stringMatching(/source-refused: .*no-such-fetcher cannot be run/)]);
  });
});

describe('tlsrpt fetch from two state directories of one identity', () => {
  async function stateSeeing(domain: string): Promise<string> {
    const days = await CollectedDays.make('5bb31a6e-6dba-4a3f-9d5e-4f5b1d7a1e11');
    days.collect([makeDatagram({ domain })]);
    return days.store.path;
  }

  it('ends with 65 and names both, when they have seen other sessions', async () => {
    const [first, second] = [await stateSeeing('a.example'), await stateSeeing('b.example')];
    const { code, stderr } = await run(['fetch', first, second, '--day', DAY]);
    expect(code).toBe(65);
    for (const path of [first, second]) expect(stderr).toMatch(new RegExp(`error identity-conflict: .*${path}`));
  });

  it('ends with 0 when it is one that is reached by two ways', async () => {
    const path = await stateSeeing('a.example');
    expect((await run(['fetch', path, `${path}/.`, '--day', DAY])).code).toBe(0);
  });
});

describe('tlsrpt fetch --day unreported', () => {
  it('brings yesterday, and what an outage left of the days before it', async () => {
    const days = await CollectedDays.make();
    const before = daysBefore(DAY, 2);
    for (const day of [before, DAY]) days.collect([makeDatagram({ domain: 'a.example' })], { day });
    const stateDir = scratchDirectory();
    const fetch = (day: string): Promise<ProgramRun> => run(['fetch', days.store.path, '--day', day], { stateDir });
    expect((await fetch(daysBefore(DAY, 3))).code).toBe(0);
    expect((await fetch('unreported')).code).toBe(0);
    const { fetched } = await Store.open(stateDir);
    expect(fetched.folders().flatMap((folder) => fetched.days(folder))).toEqual([before, DAY]);
  });

  it('takes the other days of a source that refuses one', async () => {
    const days = await CollectedDays.make();
    const before = daysBefore(DAY, 1);
    days.collect([makeDatagram({ domain: 'a.example' })], { day: before });
    mkdirSync(join(days.store.path, 'sessions', `${DAY}.sqlite`));
    const here = await CollectedDays.make();
    here.collect([makeDatagram({ domain: 'b.example' })], { day: before });
    const { code, stderr } = await run(['fetch', days.store.path, '--day', 'unreported'], {
      stateDir: here.store.path,
    });
    expect([code, stderr]).toEqual([69, expect.stringMatching(/source-refused: .*no ordinary file/)]);
    expect(here.store.fetched.allDays()).toEqual([before]);
  });

  it('removes what a killed run left of a source that nobody asks any more, but not what another run is at', async () => {
    const [here, asked] = [await CollectedDays.make(), await CollectedDays.make()];
    const { fetched, path } = here.store;
    here.fetch(fetched.folderOf('/kept'), [makeDatagram({ domain: 'a.example' })]);
    const [left, busy, kept] = ['/left', '/busy', '/kept'].map((source) => {
      const folder = fetched.folderPathOf(source);
      mkdirSync(join(folder, '.copy'), { recursive: true });
      writeFileSync(join(folder, '.copy', `${DAY}.sqlite`), 'half a fil');
      return { isThere: () => existsSync(folder), hasCopy: () => existsSync(join(folder, '.copy')) };
    });
    await fetched.whileLocked('/busy', () => run(['fetch', asked.store.path, '--day', DAY], { stateDir: path }));
    expect([left?.isThere(), busy?.hasCopy(), kept?.hasCopy()]).toEqual([false, true, false]);
    expect(fetched.days(fetched.folderOf('/kept'))).toEqual([DAY]);
  });

  it('says once that another run is at a source', async () => {
    const here = await CollectedDays.make();
    here.collect([makeDatagram({ domain: 'b.example' })], { day: daysBefore(DAY, 5) });
    const other = scratchDirectory();
    await here.store.fetched.whileLocked(other, async () => {
      const { code, stderr } = await run(['fetch', other, '--day', 'unreported'], { stateDir: here.store.path });
      expect([code, stderr.match(/source-busy/g)?.length]).toEqual([75, 1]);
    });
  });

  it('asks a source that refuses for no further day', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'a.example' })], { day: daysBefore(DAY, 2) });
    const { code, stderr } = await run(['fetch', '/nonexistent', '--day', 'unreported'], { stateDir: days.store.path });
    expect([code, stderr.match(/source-unreachable|source-refused/g)?.length]).toEqual([69, 1]);
  });

  it('asks a source that answers uselessly just before its time is over not for day after day', async () => {
    const here = await CollectedDays.make();
    here.collect([makeDatagram({ domain: 'b.example' })], { day: daysBefore(DAY, 5) });
    const requested = join(scratchDirectory(), 'requested');
    const script = join(scratchDirectory(), 'fetcher');
    writeFileSync(script, `#!/bin/sh\necho "$1" >> ${requested}\nsleep 0.8\necho nonsense\n`, { mode: 0o755 });
    const words = ['fetch', script, '--day', 'unreported', '--fetch-deadline', '1s'];
    expect(await run(words, { stateDir: here.store.path })).toMatchObject({ code: 65 });
    expect(readFileSync(requested, 'utf8').split('\n').length - 1).toBeLessThanOrEqual(2);
  });

  it('does not go with --partial', async () => {
    const { code, stderr } = await run(['fetch', '/nonexistent', '--day', 'unreported', '--partial']);
    expect([code, stderr]).toEqual([64, expect.stringContaining('--partial does not go with --day unreported')]);
  });
});

describe('tlsrpt fetch with a disk that takes no more', () => {
  afterEach(healDisk);

  it('keeps what there is room for, and ends with 73', async () => {
    const [large, small] = [await CollectedDays.make(), await CollectedDays.make()];
    for (const days of [large, small]) days.collect([makeDatagram({ domain: 'a.example' })]);
    const { fetched, path: stateDir } = (await CollectedDays.make()).store;
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: `${fetched.folderOf(large.store.path)}/.copy/${DAY}.sqlite` });
    const words = ['fetch', large.store.path, small.store.path, '--day', DAY, '--fetch-parallel', '1'];
    const { code, stderr } = await run(words, { stateDir });
    expect([code, stderr]).toEqual([
      73,
      expect.stringContaining(`error disk-full: ${DAY} was not fetched from ${large.store.path}`),
    ]);
    expect(fetched.folders()).toEqual([fetched.folderOf(small.store.path)]);
  });
});

describe('tlsrpt fetch --serve', () => {
  it('prints the list of domains, and what was seen of one', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'a.example' })]);
    const surroundings = { stateDir: days.store.path };
    const list = await run(['fetch', '--serve', DAY], surroundings);
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(readSys4List(list.stdout)).toEqual({ latestCompleteDay: DAY, domains: ['a.example'] });
    const domain = await run(['fetch', '--serve', DAY, 'A.example.'], surroundings);
    expect(readSys4Domain(domain.stdout)).toMatchObject({ d: 'a.example', policies: [{ count: { cntrtotal: 1 } }] });
  });

  it('says on standard error that a day is short of what was moved into it, and answers as if it had never been', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'a.example' })]);
    const surroundings = { stateDir: days.store.path };
    const asked = async (): Promise<ProgramRun[]> => [
      await run(['fetch', '--serve', DAY], surroundings),
      await run(['fetch', '--serve', DAY, 'a.example'], surroundings),
    ];
    const before = await asked();
    writeFileSync(join(days.store.path, 'sessions', `${DAY}.moved-1.sqlite`), 'damaged');
    const after = await asked();
    expect(after.map(({ stdout }) => stdout)).toEqual(before.map(({ stdout }) => stdout));
    expect(after.map(({ code }) => code)).toEqual([0, 0]);
    for (const { stderr } of after) expect(stderr).toMatch(/^\S+ warning sessions-left-out: .*moved-1\.sqlite is /);
    for (const { stderr } of before) expect(stderr).toBe('');
  });

  it.each([
    ['is not there', 'mistyped'],
    ['is another one', '.'],
  ])('ends with 78 when the state directory %s, and prints no empty day', async (_, name) => {
    const stateDir = join(scratchDirectory(), name);
    for (const words of [[DAY], [DAY, 'a.example']]) {
      const { code, stdout, stderr } = await run(['fetch', '--serve', ...words], { stateDir });
      expect([code, stdout]).toEqual([78, '']);
      expect(stderr).toContain(stateDir);
    }
  });

  it.each([[[]], [['yesterday']], [['2026-11-31']], [[DAY, 'a.example', 'b.example']]])(
    'does not take %j',
    async (words) => {
      const { code, stdout } = await run(['fetch', '--serve', ...words]);
      expect([code, stdout]).toEqual([64, '']);
    },
  );
});
