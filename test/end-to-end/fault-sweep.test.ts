/**
 * The executable, each of whose disk calls fails once, one run for each. Afterwards everything that was counted is on the disk, or it has
 * ended non-zero and said so; the next run needs nobody's help. The errors take turns; the store alone sees each call fail with each error
 * in the sweeps of test/store.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { CollectedDays } from '#test/support/collected-days.ts';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { DeliveryStage } from '#test/support/delivery-stage.ts';
import { FailingCall } from '#test/support/failing-call.ts';
import { preloadAll } from '#test/support/preload.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { ShiftedClock } from '#test/support/shifted-clock.ts';
import { storedSessions } from '#test/support/stored-sessions.ts';
import { built, install, movedIn, newlyReported, seen } from '#test/support/sys4-installation.ts';
import { until } from '#test/support/until.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const LONG_MS = 600_000;
const PARALLEL = 4;
/** An even sample; TLSRPT_SWEEP=all lets every call fail, which takes a quarter of an hour. Coprime to the number of errors, so they take turns. */
const EVERY = process.env['TLSRPT_SWEEP'] === 'all' ? 1 : 11;
/** The same for an import, which makes several hundred calls. */
const EVERY_OF_IMPORT = EVERY === 1 ? 1 : 97;
/** And for a fetch from three sources, which makes more than a thousand. */
const EVERY_OF_FETCH = EVERY === 1 ? 1 : 389;
const ERRNOS = ['EIO', 'ENOSPC', 'EMFILE', 'ENOENT', 'EACCES'];
const FETCHED_DAY = '2026-11-19' as UtcDay;
const DAY_AFTER = '2026-11-20';
const [DAY, NEXT_DAY] = ['2026-01-02', '2026-01-03'];
const MIDNIGHT_MS = Date.parse(`${NEXT_DAY}T00:00:00Z`);
/** However long it takes to begin; and then, so that midnight comes soon. */
const [LONG_BEFORE_MIDNIGHT, BEFORE_MIDNIGHT] = [`${DAY}T23:30:00Z`, `${DAY}T23:59:58.500Z`];
const DATAGRAMS = ['a', 'b', 'c'].map((name) => makeDatagram({ domain: `${name}.example` }));

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tlsrpt-sweep-'));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

type Environment = Readonly<Record<string, string>>;
type Attempt = (environment: Environment, state: string) => Promise<void>;

/** Attempts with a later call failing each time, until there is none; returns what went wrong with which. */
async function sweep(name: string, attempt: Attempt, every = EVERY): Promise<{ calls: number; failures: string[] }> {
  const failures: string[] = [];
  let [next, calls, isOver] = [1, 0, false];
  const goOn = async (): Promise<void> => {
    while (!isOver) {
      const at = next;
      next += every;
      const directory = join(root, `${name}-${String(at)}`);
      const fault = new FailingCall({ directory, at, errno: ERRNOS[at % ERRNOS.length] ?? 'EIO' });
      const error = await attempt(fault.environment, directory).then(
        () => undefined,
        (reason: unknown) => String(reason),
      );
      const [happened] = fault.happened();
      fault.remove();
      if (error !== undefined) failures.push(`call ${String(at)}, ${happened ?? 'none'}: ${error}`);
      if (happened === undefined) isOver = true;
      else calls = Math.max(calls, at);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, goOn));
  return { calls, failures };
}

/** What was collected, by domain; a clean end is a promise that it is all. */
async function checkCollected(state: string, { exitCode, stderr }: EndedRun): Promise<void> {
  const { byDomain } = storedSessions(await Store.open(state));
  const counts = [...byDomain].map(([domain, { successful }]) => [domain, successful]);
  const all = ['a', 'b', 'c'].map((name) => [`${name}.example`, 1]);
  if (exitCode === 0) expect([counts, stderr]).toEqual([all, stderr]);
  else {
    expect(stderr).toMatch(/error [a-z-]+/);
    expect(stderr).not.toContain('collector-stopped');
    expect(stderr).not.toContain('internal-error');
    for (const count of counts) expect(all).toContainEqual(count);
  }
}

async function checkNextRun(state: string): Promise<void> {
  const next = await runTlsrpt(['collect', '--stdin', '--day', DAY, '--state-dir', state]);
  expect(next).toMatchObject({ exitCode: 0 });
  expect(next.stderr).not.toMatch(/damaged|set-aside|error/);
}

/** One datagram before midnight and the others behind it, until the old day is closed. What it does not live to see it need not count. */
async function liveThroughMidnight(environment: Environment, place: string): Promise<EndedRun> {
  const [socket, state] = [join(place, 'socket'), join(place, 'state')];
  mkdirSync(place, { recursive: true });
  const clock = new ShiftedClock(place, LONG_BEFORE_MIDNIGHT);
  const collector = startTlsrpt(['collect', '--socket', socket, '--state-dir', state], {
    environment: preloadAll(clock.environment, environment),
  });
  const life = { isOver: false };
  void collector.ended.then(() => {
    life.isOver = true;
  });
  const live = async (): Promise<void> => {
    await collector.said('collector-ready');
    sendDatagrams(socket, DATAGRAMS.slice(0, 1));
    clock.set(BEFORE_MIDNIGHT);
    await until(() => clock.nowMs() > MIDNIGHT_MS);
    sendDatagrams(socket, DATAGRAMS.slice(1));
    await until(() => life.isOver || collector.stderr().includes('day-closed'));
  };
  const [lived] = await Promise.allSettled([Promise.race([live(), collector.ended])]);
  const isStuck = !life.isOver && lived.status === 'rejected';
  collector.kill('SIGTERM');
  const ended = await collector.ended;
  if (lived.status === 'rejected' && (isStuck || ended.exitCode === 0)) throw lived.reason;
  return ended;
}

/** Sessions of two days, a report that was sent, one that waits, and a map to write. */
async function installSys4(): Promise<string> {
  const yesterday = [...seen('sent.example', 3), ...seen('waits.example', 2), ...seen('unreported.example', 1)];
  return install({
    yesterday,
    today: seen('sent.example', 2),
    reports: [
      built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' }),
      built(yesterday, 'waits.example', { 'mailto:tls@waits.example': null }),
    ],
    more: 'debug_send_mail_dest = test@sender.example\n',
  });
}

const UNREPORTED = { 'unreported.example': 1 };
const REPORT_WORDS = ['report', '--day', FETCHED_DAY, '--contact', 'tls@sender.example'];

function importWords(directory: string): string[] {
  const [to, state] = [join(directory, 'tlsrpt.toml'), join(directory, 'state')];
  return ['import', 'sys4', '--from', directory, '--to', to, '--state-dir', state];
}

/** Three hosts with two days. */
async function hostsToFetchFrom(days: readonly UtcDay[]): Promise<string[]> {
  const hosts = await Promise.all(['a', 'b', 'c'].map(() => CollectedDays.make()));
  for (const host of hosts) for (const day of days) host.collect(DATAGRAMS, { day });
  return hosts.map(({ store }) => store.path);
}

/** How many there are of each source. */
async function fetchedDays(state: string): Promise<number[]> {
  const { fetched } = await Store.open(state);
  return fetched.folders().map((folder) => fetched.days(folder).length);
}

describe('Each disk call that fails once', () => {
  it(
    'costs a collector of lines nothing that it does not admit',
    async () => {
      const { calls, failures } = await sweep('lines', async (environment, state) => {
        const words = ['collect', '--stdin', '--day', DAY, '--state-dir', state];
        const run = await runTlsrpt(words, { environment, stdin: linesOf(DATAGRAMS) });
        await checkCollected(state, run);
        await checkNextRun(state);
        await checkCollected(state, run);
      });
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(20);
    },
    LONG_MS,
  );

  it(
    'costs a collector on a socket nothing that it does not admit, midnight included',
    async () => {
      const { calls, failures } = await sweep('midnight', async (environment, place) => {
        const state = join(place, 'state');
        const run = await liveThroughMidnight({ ...environment, FAULT_DIRECTORY: state }, place);
        await checkCollected(state, run);
        await checkNextRun(state);
        await checkCollected(state, run);
      });
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(50);
    },
    LONG_MS,
  );

  it(
    'costs no report and no delivery, and doubles none',
    async () => {
      const stage = await DeliveryStage.make(join(root, 'delivery'));
      let scenes = 0;
      const { calls, failures } = await sweep('deliver', (environment) =>
        stage.play(`scene-${String((scenes += 1))}`, async (scene) => {
          const faulty = { ...environment, FAULT_DIRECTORY: scene.store.path };
          const { exitCode, stderr } = await runTlsrpt(scene.reportWords(), { environment: faulty });
          if (exitCode !== 0) expect(stderr).toMatch(/error [a-z-]+|deferred|warning/);
          expect(stderr).not.toContain('internal-error');
          await scene.recoverAndCheck();
        }),
      );
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(20);
    },
    LONG_MS,
  );

  it(
    'costs a fetch no more than one day of one source, which the next run brings',
    async () => {
      const days = [daysBefore(FETCHED_DAY, 1), FETCHED_DAY];
      const sources = await hostsToFetchFrom(days);
      const clock = new ShiftedClock(root, `${DAY_AFTER}T06:00:00Z`);
      const { calls, failures } = await sweep(
        'fetch',
        async (environment, state) => {
          const words = ['fetch', ...sources, '--day', 'unreported', '--state-dir', state];
          mkdirSync(join(state, 'sessions'), { recursive: true });
          writeFileSync(join(state, 'sessions', `${daysBefore(FETCHED_DAY, 1)}.sqlite`), ''); // so this day is asked for as well
          const run = await runTlsrpt(words, { environment: preloadAll(clock.environment, environment) });
          const kept = await fetchedDays(state);
          if (run.exitCode === 0) expect(kept).toEqual([2, 2, 2]);
          else expect(run.stderr).toMatch(/error [a-z-]+/);
          expect(run.stderr).not.toContain('internal-error');
          if (/ was not fetched from /.test(run.stderr))
            expect(kept.reduce((sum, count) => sum + count)).toBeGreaterThan(4);
          expect(await runTlsrpt(words, { environment: clock.environment })).toMatchObject({ exitCode: 0, stderr: '' });
          expect(await fetchedDays(state)).toEqual([2, 2, 2]);
        },
        EVERY_OF_FETCH,
      );
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(800);
    },
    LONG_MS,
  );

  it(
    'costs an import from sys4 nothing that the next run does not bring, doubles nothing, and has nothing reported again',
    async () => {
      const { environment: clock } = new ShiftedClock(root, `${DAY_AFTER}T06:00:00Z`);
      const report = async (state: string): Promise<Record<string, number>> => {
        await runTlsrpt([...REPORT_WORDS, '--state-dir', state], { environment: clock });
        return newlyReported(state, FETCHED_DAY);
      };
      const undisturbed = await installSys4();
      await runTlsrpt(importWords(undisturbed), { environment: clock });
      await report(join(undisturbed, 'state'));
      const expected = await movedIn(undisturbed, join(undisturbed, 'state'));
      const { calls, failures } = await sweep(
        'import',
        async (environment) => {
          const directory = await installSys4();
          const state = join(directory, 'state');
          const run = await runTlsrpt(importWords(directory), {
            environment: preloadAll(clock, { ...environment, FAULT_DIRECTORY: directory }),
          });
          if (run.exitCode !== 0) expect(run.stderr).toMatch(/(?:error|warning) [a-z-]+/);
          expect(run.stderr).not.toContain('internal-error');
          expect([{}, UNREPORTED]).toContainEqual(await report(state));
          if (run.exitCode === 0) expect(await movedIn(directory, state)).toEqual(expected);
          const next = await runTlsrpt(importWords(directory), { environment: clock });
          expect(next).toMatchObject({ exitCode: 0, stderr: '' });
          expect(await report(state)).toEqual(UNREPORTED);
          expect(await movedIn(directory, state)).toEqual(expected);
        },
        EVERY_OF_IMPORT,
      );
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(100);
    },
    LONG_MS,
  );
});
