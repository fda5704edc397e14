/**
 * What must not stop a collector, and what must: a log that nobody takes, a state directory that is removed, damage in today's snapshot, a
 * bug in a thread.
 */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { preload } from '#test/support/preload.ts';
import { startCollector } from '#test/support/running-collector.ts';
import { EXECUTABLE, runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { Store } from '#store/store.ts';
import { storedSessions } from '#test/support/stored-sessions.ts';
import { until } from '#test/support/until.ts';

interface Place {
  readonly socket: string;
  readonly state: { readonly path: string };
}

function newPlace(): Place {
  const directory = scratchDirectory();
  return { socket: join(directory, 'socket'), state: { path: join(directory, 'state') } };
}

const datagrams = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => makeDatagram({ domain: `${String(index % 20)}.example` }));

async function countedIn({ state }: Place): Promise<number> {
  return storedSessions(await Store.open(state.path)).counters.get('datagrams') ?? 0;
}

/** `stderr`: where the log goes. Resolves with how it ended after it was sent something and told to. */
async function collectWithLog(place: Place, stderr: number | 'pipe'): Promise<number | null> {
  const words = [EXECUTABLE, 'collect', '--socket', place.socket, '--state-dir', place.state.path];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', stderr] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  child.stderr?.destroy();
  await until(() => existsSync(place.socket));
  sendDatagrams(place.socket, [...datagrams(100), Buffer.from('a complaint'), Buffer.from('[]')]);
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}

describe('A collector whose log nobody takes', () => {
  it('goes on receiving and ends in order on a disk for logs that is full', async () => {
    const place = newPlace();
    expect(await collectWithLog(place, openSync('/dev/full', 'w'))).toBe(0);
    expect([await countedIn(place), existsSync(place.socket)]).toEqual([102, false]);
  });

  it('goes on receiving and ends in order when the reader of its log is gone', async () => {
    const place = newPlace();
    expect(await collectWithLog(place, 'pipe')).toBe(0);
    expect([await countedIn(place), existsSync(place.socket)]).toEqual([102, false]);
  });
});

describe('A collector whose state directory is removed', () => {
  it('says so when it has something to store, ends, and counts in a new one when it is started again', async () => {
    const place = newPlace();
    const collector = await startCollector(place);
    sendDatagrams(place.socket, datagrams(10));
    const sessions = join(place.state.path, 'sessions');
    await until(() => readdirSync(sessions).some((name) => name.endsWith('.journal')));
    rmSync(place.state.path, { recursive: true });
    sendDatagrams(place.socket, datagrams(10));
    const { exitCode, stderr } = await collector.ended;
    expect([exitCode, existsSync(place.socket)]).toEqual([73, false]);
    expect(stderr).toContain('store-replaced');
    expect(stderr).not.toContain('collector-stopped');

    const next = await startCollector(place);
    const later = Array.from({ length: 500 }, (_, index) => makeDatagram({ domain: `later-${String(index)}.example` }));
    sendDatagrams(place.socket, later);
    next.kill('SIGTERM');
    expect((await next.ended).exitCode).toBe(0);
    const { byDomain } = storedSessions(await Store.open(place.state.path));
    expect([...byDomain.keys()]).toHaveLength(500);
  });
});

/** Where in a snapshot two bytes become others. */
const damages: readonly (readonly [where: string, (bytes: Buffer) => number])[] = [
  ['its text', (bytes) => bytes.lastIndexOf('.example')],
  ['its tables', (bytes) => bytes.indexOf('CREATE TABLE policies')],
  ['its first page', () => 40],
  ['its middle', (bytes) => bytes.length >> 1],
  ['its last page', (bytes) => bytes.length - 4_000],
];

describe('A collector that finds today damaged', () => {
  it.each(damages)('starts and counts when two bytes of %s are others', async (_where, placeIn) => {
    const place = newPlace();
    const stdin = linesOf(datagrams(200));
    await runTlsrpt(['collect', '--stdin', '--state-dir', place.state.path], { stdin });
    const sessions = join(place.state.path, 'sessions');
    const snapshots = readdirSync(sessions).filter((name) => name.endsWith('.sqlite'));
    expect(snapshots).toHaveLength(1);
    for (const snapshot of snapshots) {
      const bytes = readFileSync(join(sessions, snapshot));
      const start = placeIn(bytes);
      bytes.fill(0xff, start, start + 2);
      writeFileSync(join(sessions, snapshot), bytes);
    }
    const collector = await startCollector(place);
    sendDatagrams(place.socket, datagrams(2_000));
    collector.kill('SIGTERM');
    const { exitCode, stderr } = await collector.ended;
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Stored all of 2000 datagrams')]);
    await runTlsrpt(['collect', '--stdin', '--state-dir', place.state.path]); // the first one does not wait for long for its tally
    expect(await countedIn(place)).toBeGreaterThanOrEqual(2_000);
  });
});

describe('A collector in which something unforeseen happens', () => {
  it('ends at once with 70, and its socket is gone', async () => {
    const place = newPlace();
    const flag = join(scratchDirectory(), 'throw');
    const words = ['collect', '--socket', place.socket, '--state-dir', place.state.path];
    const environment = { ...preload('throwing-tally.cjs'), THROWING_TALLY: flag };
    const collector = startTlsrpt(words, { environment });
    await collector.said('collector-ready');
    sendDatagrams(place.socket, datagrams(10));
    writeFileSync(flag, '');
    const { exitCode, stderr } = await collector.ended;
    expect([exitCode, existsSync(place.socket)]).toEqual([70, false]);
    expect(stderr).toContain('internal-error');
    expect(await countedIn(place)).toBe(10);
  });
});
