/**
 * Everything in one: the executable with its children, a real socket, a real mail server, signals.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, constants, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectedIn } from '#test/support/collected-in.ts';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { EXECUTABLE, runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { RunOptions, StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { ShiftedClock } from '#test/support/shifted-clock.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSinkOptions } from '#test/support/smtp-sink.ts';
import { until } from '#test/support/until.ts';

const BURST = Array.from({ length: 500 }, (_, index) => makeDatagram({ domain: `${String(index)}.example` }));
/** Of the day that CollectedDays collects. */
const REPORTED = makeDatagram({ domain: 'good.example', record: 'v=TLSRPTv1;rua=mailto:tls@good.example' });
/** The day after, when nobody waits for midnight to have passed. */
const NOON = '2026-11-20T12:00:00Z';
const LONG_MS = 120_000;

interface Place {
  readonly socket: string;
  readonly state: string;
  readonly words: readonly string[];
}

function placeWith(state: string, ...flags: readonly string[]): Place {
  const socket = join(scratchDirectory(), 'tlsrpt.sock');
  const basics = ['--socket', socket, '--state-dir', state, '--contact', 'tlsrpt@sender.example'];
  return { socket, state, words: ['run', ...basics, '--dns-server', '127.0.0.1:1', ...flags] };
}

function newPlace(...flags: readonly string[]): Place {
  return placeWith(join(scratchDirectory(), 'state'), '--smtp', 'smtp://127.0.0.1:1', ...flags);
}

async function start({ words }: Place, options?: RunOptions): Promise<StartedRun> {
  const run = startTlsrpt(words, options);
  onTestFinished(() => {
    for (const pid of childrenOf(run)) ignoringGone(() => process.kill(pid, 'SIGKILL'));
    run.kill('SIGKILL');
  });
  await run.said('collector-ready');
  return run;
}

function childrenOf({ pid }: { readonly pid: number }): number[] {
  const list = ignoringGone(() => readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')) ?? '';
  return list.split(' ').filter(Boolean).map(Number);
}

function childOf(run: StartedRun, command: string): number {
  const isIt = (pid: number): boolean =>
    ignoringGone(() =>
      readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
        .split('\0')
        .includes(command),
    ) ?? false;
  const found = childrenOf(run).find(isIt);
  if (found === undefined) throw new Error(`it has no child ${command}`);
  return found;
}

function ignoringGone<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

async function countIn({ state }: Place): Promise<number> {
  return Object.values(await collectedIn(state)).reduce((sum, count) => sum + count, 0);
}

/** A state directory in which a day is to be reported, and a mail server for the report. */
async function withReport(
  options?: SmtpSinkOptions,
): Promise<{ sink: Awaited<ReturnType<typeof startSmtpSink>>; place: Place; environment: Record<string, string> }> {
  const days = await CollectedDays.make();
  days.collect([REPORTED]);
  const sink = await startSmtpSink(options);
  onTestFinished(() => sink.close());
  const { environment } = new ShiftedClock(scratchDirectory(), NOON);
  const smtp = ['--smtp', `smtp://127.0.0.1:${String(sink.port)}`];
  return { sink, place: placeWith(days.store.path, ...smtp, '--stop-timeout', '4s'), environment: { ...environment } };
}

describe('tlsrpt run', () => {
  it(
    'collects, and delivers the report on a day that is over',
    async () => {
      const { sink, place, environment } = await withReport();
      const run = await start(place, { environment });
      sendDatagrams(place.socket, BURST);
      await until(() => sink.mails.length === 1);
      expect(sink.mails[0]?.to).toEqual(['tls@good.example']);
      run.kill('SIGTERM');
      const { exitCode, stderr } = await run.ended;
      expect(exitCode).toBe(0);
      expect(await countIn(place)).toBe(BURST.length + 1);
      const lines = stderr.trimEnd().split('\n');
      const form = /^\d{4}-\S+Z (?:(?:collect|report|send) )?(?:info|warning) [a-z-]+: /;
      expect(lines.filter((line) => !form.test(line))).toEqual([]);
      expect(lines.at(-1)).toMatch(/ collect info collector-stopped: /);
    },
    LONG_MS,
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ends with 0 at %s, after its parts, and has lost nothing of a burst just before it',
    async (signal) => {
      const place = newPlace();
      const run = await start(place);
      sendDatagrams(place.socket, BURST);
      run.kill(signal);
      expect(await run.ended).toMatchObject({ exitCode: 0, signal: null });
      expect([await countIn(place), existsSync(place.socket)]).toEqual([BURST.length, false]);
    },
    LONG_MS,
  );

  it(
    'ends in order also when whoever watches over it tells all of its processes to end',
    async () => {
      const place = newPlace();
      const run = await start(place);
      sendDatagrams(place.socket, BURST);
      for (const pid of childrenOf(run)) process.kill(pid, 'SIGTERM');
      run.kill('SIGTERM');
      expect(await run.ended).toMatchObject({ exitCode: 0, signal: null });
      expect(await countIn(place)).toBe(BURST.length);
    },
    LONG_MS,
  );

  it(
    'starts a collector again that was killed, and what was written counts',
    async () => {
      const place = newPlace('--log-format', 'json');
      const run = await start(place);
      sendDatagrams(place.socket, BURST);
      await untilCounted(place, BURST.length);
      process.kill(childOf(run, 'collect'), 'SIGKILL');
      await until(() => run.stderr().split('"event":"collector-ready"').length === 3);
      sendDatagrams(place.socket, BURST);
      run.kill('SIGTERM');
      const { exitCode, stderr } = await run.ended;
      expect([exitCode, await countIn(place)]).toEqual([0, 2 * BURST.length]);
      const events = stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; part?: string });
      expect(events.find(({ event }) => event === 'collector-ended')).toMatchObject({ signal: 'SIGKILL', seconds: 1 });
      expect(events.find(({ event }) => event === 'collector-ready')?.part).toBe('collect');
    },
    LONG_MS,
  );

  it(
    'kills a delivery that does not end in time, and the collector still ends in order',
    async () => {
      const { sink, place, environment } = await withReport({ onData: () => 'silent' });
      const run = await start(place, { environment });
      await until(() => sink.connections() > 0);
      sendDatagrams(place.socket, BURST);
      run.kill('SIGTERM');
      const { exitCode, stderr } = await run.ended;
      expect([exitCode, await countIn(place)]).toEqual([75, BURST.length + 1]);
      expect(stderr).toContain('parts-killed');
      expect(stderr).toContain('collector-stopped');
    },
    LONG_MS,
  );

  it(
    'waits for nothing any more after a second signal',
    async () => {
      const { sink, place, environment } = await withReport({ onData: () => 'silent' });
      const run = await start({ ...place, words: [...place.words.slice(0, -1), '1h'] }, { environment });
      await until(() => sink.connections() > 0);
      run.kill('SIGTERM');
      await run.said('run-stopping');
      run.kill('SIGINT');
      expect(await run.ended).toMatchObject({ exitCode: 75, signal: null });
    },
    LONG_MS,
  );

  it(
    'leaves no collector behind when it is killed itself',
    async () => {
      const place = newPlace();
      const run = await start(place);
      sendDatagrams(place.socket, BURST);
      run.kill('SIGKILL');
      await until(() => !existsSync(place.socket));
      await untilCounted(place, BURST.length);
    },
    LONG_MS,
  );

  it.each([
    ['is told to end', 'SIGTERM'],
    ['is killed itself', 'SIGKILL'],
  ] as const)(
    'leaves no source behind that is fetched from when it %s',
    async (_, signal) => {
      const place = newPlace();
      const source = join(scratchDirectory(), 'hanging-source');
      writeFileSync(source, 'exec sleep 600\n');
      const { environment } = new ShiftedClock(scratchDirectory(), NOON);
      const run = await start(place, { environment: { ...environment, TLSRPT_FETCH_SOURCES: `sh ${source}` } });
      const fetch = (): number => ignoringGone(() => childOf(run, 'fetch')) ?? 0;
      await until(() => childrenOf({ pid: fetch() }).length === 1);
      const left = [fetch(), ...childrenOf({ pid: fetch() })];
      onTestFinished(() => {
        for (const pid of left) ignoringGone(() => process.kill(pid, 'SIGKILL'));
      });
      run.kill(signal);
      await until(() => !left.some((pid) => existsSync(`/proc/${String(pid)}`)));
    },
    LONG_MS,
  );

  it(
    'goes on when nobody takes its log',
    async () => {
      const place = newPlace();
      const shell = join(scratchDirectory(), 'shell.cjs');
      // In place of the executable: its log goes to a device that is always full.
      writeFileSync(
        shell,
        `const { spawn } = require('node:child_process');
         const full = require('node:fs').openSync('/dev/full', 'w');
         const child = spawn(process.execPath, [${JSON.stringify(EXECUTABLE)}, ...process.argv.slice(2)], { stdio: ['ignore', full, full] });
         process.on('SIGTERM', () => child.kill('SIGTERM'));
         child.on('exit', (code) => process.exit(code));`,
      );
      const run = startTlsrpt(place.words, { executable: shell });
      await until(() => existsSync(place.socket));
      sendDatagrams(place.socket, BURST);
      run.kill('SIGTERM');
      expect((await run.ended).exitCode).toBe(0);
      expect(await countIn(place)).toBe(BURST.length);
    },
    LONG_MS,
  );

  it.runIf(process.getuid?.() === 0)(
    'lets orphans go as the first process of a system',
    async () => {
      const { place, environment } = await withReport();
      const [sendmail, sent] = [join(scratchDirectory(), 'sendmail'), join(scratchDirectory(), 'sent')];
      writeFileSync(sendmail, `#!/bin/sh\nsleep 0.1 &\ncat > ${sent}\n`);
      chmodSync(sendmail, 0o755);
      const words = ['unshare', '--pid', '--fork', '--kill-child', process.execPath, EXECUTABLE, ...place.words];
      const shell = join(scratchDirectory(), 'shell.cjs');
      writeFileSync(
        shell,
        `const { spawn } = require('node:child_process');
         const [file, ...words] = ${JSON.stringify([...words, '--sendmail', sendmail])};
         spawn(file, words, { stdio: 'inherit' }).on('exit', (code) => process.exit(code));`,
      );
      const run = startTlsrpt([], { executable: shell, environment });
      onTestFinished(() => {
        run.kill('SIGKILL');
      });
      await run.said('collector-ready');
      const first = childrenOf({ pid: childrenOf(run)[0] ?? 0 })[0] ?? 0;
      await until(() => existsSync(sent) && readFileSync(sent, 'latin1').includes('TLS-Report-Domain'));
      await until(() => childrenOf({ pid: first }).length === 1);
      process.kill(first, 'SIGTERM');
      expect((await run.ended).exitCode).toBe(0);
    },
    LONG_MS,
  );
});

describe('What no waiting mends', () => {
  it.each([
    ['a key that is not there', 78, ['--dkim-key', 'a=/nonexistent/key.pem'], 'configuration-error'],
    ['a setting that cannot be', 64, ['--keep-days', '0'], 'usage-error'],
    ['a group that is not there', 78, ['--socket-group', 'no-such-group'], 'configuration-error'],
    ['a source that is none', 78, ['--source', 'ftp://mx1.example/'], 'configuration-error'],
  ])('ends it at its start: %s', async (_, code, flags, problem) => {
    const place = newPlace(...flags);
    const { exitCode, stderr } = await runTlsrpt(place.words);
    expect([exitCode, stderr.includes(problem)]).toEqual([code, true]);
    expect(existsSync(place.state)).toBe(false);
  });

  it('does not keep it from ending when a file that is named does not let itself be read', async () => {
    const silent = join(scratchDirectory(), 'record.map');
    execFileSync('mkfifo', [silent]);
    const place = newPlace('--record-map', silent);
    const run = startTlsrpt(place.words);
    // Somebody has begun to read, and gets nothing.
    const { O_WRONLY, O_NONBLOCK } = constants;
    await until(() => ignoringGone(() => openSync(silent, O_WRONLY | O_NONBLOCK)) !== undefined);
    const [check = 0] = childrenOf(run);
    onTestFinished(() => {
      ignoringGone(() => process.kill(check, 'SIGKILL'));
      run.kill('SIGKILL');
    });
    run.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ exitCode: 0, signal: null });
    expect([existsSync(`/proc/${String(check)}`), existsSync(place.state)]).toEqual([false, false]);
  });

  it('is found by run --check, which changes nothing', async () => {
    const place = newPlace('--check');
    expect(await runTlsrpt(place.words)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(existsSync(place.state)).toBe(false);
    expect((await runTlsrpt([...place.words, '--https-ca', '/nonexistent'])).exitCode).toBe(78);
  });
});

async function untilCounted(place: Place, count: number): Promise<void> {
  for (let looks = 0; (await countIn(place)) < count; looks += 1)
    if (looks > 100) throw new Error('it was not counted');
  expect(await countIn(place)).toBe(count);
}
