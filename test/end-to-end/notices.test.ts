import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#support/clock.ts';
import { documentAbout } from '#test/support/noticed-reports.ts';
import { notifiedHost } from '#test/support/notified-host.ts';
import type { NotifiedHost } from '#test/support/notified-host.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { startSilentServer } from '#test/support/silent-server.ts';
import { until } from '#test/support/until.ts';

const DAY_MS = 86_400_000;
const TODAY_MS = systemClock.nowMs();

interface ToldNotice {
  readonly changes: readonly { readonly change: string; readonly levels: readonly { readonly sessions: number }[] }[];
}

/** Reads the whole mailbox, with what came to it: reports about days so many days ago, with so many failures. */
function read(
  host: NotifiedHost,
  ...came: readonly (readonly [daysAgo: number, sessions: number])[]
): Promise<EndedRun> {
  const mailbox = join(host.directory, 'mails');
  mkdirSync(mailbox, { recursive: true });
  for (const [daysAgo, sessions] of came) {
    const day = new Date(TODAY_MS - daysAgo * DAY_MS).toISOString().slice(0, 10);
    writeFileSync(join(mailbox, `${day}.json`), JSON.stringify(documentAbout(day, sessions)));
  }
  return runTlsrpt(['--config', host.configuration, 'read', '--store', '--notify', mailbox]);
}

describe('tlsrpt read --store --notify', () => {
  it('tells a failure once by each way, and again only when it has grown or is gone', async () => {
    const host = await notifiedHost();
    const told: number[] = [];
    const clean = [
      [4, 0],
      [3, 0],
      [2, 0],
    ] as const;
    for (const came of [[[8, 3]], [[7, 3]], [[6, 30]], [[5, 30]], clean, []] as const) {
      const { exitCode, stderr } = await read(host, ...came);
      expect([exitCode, stderr]).toEqual([0, '']);
      told.push(host.mailServer.mails.length);
    }
    expect(told).toEqual([1, 1, 2, 2, 3, 3]);
    const bodies = host.webServer.requests.map(({ body }) => body.toString());
    const notices = bodies.map((body) => JSON.parse(body) as ToldNotice);
    expect(notices.map(({ changes }) => changes.map(({ change, levels }) => [change, levels[0]?.sessions]))).toEqual([
      [['new', 3]],
      [['grown', 30]],
      [['gone', 30]],
    ]);
    expect(readFileSync(host.toldToCommand, 'utf8')).toBe(bodies.join(''));
    expect(readFileSync(`${host.toldToCommand}.env`, 'utf8')).not.toMatch(/certificate|TLSRPT/i);
    const [mail] = host.mailServer.mails;
    expect(mail?.to).toEqual(['admin@a.example']);
    expect(mail?.raw).toContain('Subject: TLS failure is new: certificate-expired (sts of a.example)\r\n');
    expect(mail?.raw).toContain('For example from "2001:db8::1", to "mx1.a.example"');
    expect(mail?.raw).toContain('  $ tlsrpt check a.example');
  });

  it('that is stopped again and again while a mail server hangs drops nothing, and tells it once that works', async () => {
    const host = await notifiedHost();
    const silent = await startSilentServer();
    onTestFinished(() => {
      silent.close();
    });
    const book = join(host.directory, 'state', 'notices.json');
    const words = ['--config', host.configuration, 'read', '--store', '--notify'];
    const day = new Date(TODAY_MS - DAY_MS).toISOString().slice(0, 10);
    const report = join(host.directory, 'report.json');
    writeFileSync(report, JSON.stringify(documentAbout(day, 3)));
    const configuration = readFileSync(host.configuration, 'utf8');
    writeFileSync(
      host.configuration,
      configuration.replace(`:${String(host.mailServer.port)}`, `:${String(silent.port)}`),
    );
    for (let run = 1; run <= 3; run += 1) {
      const started = startTlsrpt([...words, report]);
      await until(() => existsSync(book) && readFileSync(book, 'utf8').includes('"begun":1'));
      started.kill('SIGTERM');
      const { exitCode, stderr } = await started.ended;
      expect([exitCode, stderr]).toEqual([75, expect.stringContaining('notice-not-told: ')]);
    }
    writeFileSync(host.configuration, configuration);
    expect(await read(host)).toMatchObject({ exitCode: 0, stderr: '' });
    expect([host.mailServer.mails.length, host.webServer.requests.length]).toEqual([1, 1]);
  });

  it('tells by the next run what could not be told, by no other way a second time, and all of it where the book is damaged', async () => {
    const host = await notifiedHost();
    host.answer(503);
    const failed = await read(host, [1, 500]);
    expect([failed.exitCode, failed.stdout.trimEnd().split('\n').at(-1)]).toEqual([75, '1 stored.']);
    expect(failed.stderr).toContain(
      'warning notice-not-told: "TLS failure is new: certificate-expired (sts of a.example)"',
    );
    expect(failed.stderr).not.toContain('secret');
    host.answer(204);
    const again = await runTlsrpt(['--config', host.configuration, 'notify']);
    expect([again.exitCode, again.stderr]).toEqual([0, '']);
    const [first, second, ...others] = host.webServer.requests.map(({ body }) => body.toString());
    expect([host.mailServer.mails.length, second === first, others]).toEqual([1, true, []]);
    writeFileSync(join(host.directory, 'state', 'notices.json'), '{"failures":[');
    const anew = await runTlsrpt(['--config', host.configuration, 'notify']);
    expect([anew.exitCode, host.mailServer.mails.length]).toEqual([0, 2]);
    expect(anew.stderr).toContain('warning notices-begun-anew: ');
  });
});
