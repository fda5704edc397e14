/**
 * Datagrams that cost as much as a stranger can make them cost, of all kinds, through a real socket beside a valid stream.
 *
 * How long anything takes is the benchmark's (`npm run bench -- collect hostile`). Here it is what must be so on any machine: what is
 * counted, how much memory it takes, and that nobody waits for what is still to be tallied.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { hostileKinds } from '#test/support/hostile-kinds.ts';
import { preload } from '#test/support/preload.ts';
import type { RunOptions, StartedRun } from '#test/support/run-tlsrpt.ts';
import { peakMegabytes, startCollector } from '#test/support/running-collector.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { HostileMix, HostileMixResult } from '#test/support/send-hostile-mix.ts';
import { storedSessions } from '#test/support/stored-sessions.ts';
import { until } from '#test/support/until.ts';

const SENDER = fileURLToPath(new URL('../support/send-hostile-mix.ts', import.meta.url));
const LONG_MS = 300_000;
const MOST_MEGABYTES = 600;
/** A frame is read with two calls, so a tally that reads so slowly would take hours. */
const READ_MS = 60_000;
/** Who has ended by then has waited for nothing. */
const GENEROUS_MS = 30_000;
const LOOKS_AT_REST = 15;

interface Place {
  readonly socket: string;
  readonly state: Store;
}

async function place(): Promise<Place> {
  const directory = scratchDirectory();
  return { socket: join(directory, 'socket'), state: await Store.open(join(directory, 'state')) };
}

/** From `begin` on each read takes long. Of a collector that runs only the tally reads: the journals. */
function slowReads(): RunOptions & { begin: () => void } {
  const flag = join(scratchDirectory(), 'slow');
  const environment = {
    ...preload('slow-disk.cjs'),
    SLOW_DISK: flag,
    SLOW_DISK_CALLS: 'read',
    SLOW_DISK_MS: String(READ_MS),
  };
  const begin = (): void => {
    writeFileSync(flag, '');
  };
  return { environment, begin };
}

/** Until there are journals, and they have grown no more for longer than anything is gathered. */
async function untilJournaled({ path }: Store): Promise<void> {
  let [lastBytes, restful] = [-1, 0];
  await until(() => {
    const folder = join(path, 'sessions');
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.journal')) : [];
    const sizes = names.map((name) => statSync(join(folder, name)).size);
    const bytes = sizes.reduce((total, size) => total + size, 0);
    restful = bytes > 0 && bytes === lastBytes ? restful + 1 : 0;
    lastBytes = bytes;
    return restful === LOOKS_AT_REST;
  });
}

/** A collector that was sent 11,000 datagrams, and whose tally does not come forward. */
async function behindWithTally(): Promise<{ collector: StartedRun; state: Store; valid: HostileMixResult }> {
  const [{ socket, state }, slow] = [await place(), slowReads()];
  const collector = await startCollector({ socket, state }, slow);
  await untilJournaled(state);
  slow.begin();
  const valid = await sendMix({ socket, kinds: hostileKinds, hostile: 1_000, valid: 10 });
  return { collector, state, valid };
}

async function sendMix(mix: HostileMix): Promise<HostileMixResult> {
  const words = ['--import', 'tsx', SENDER, JSON.stringify(mix)];
  return JSON.parse((await promisify(execFile)(process.execPath, words)).stdout) as HostileMixResult;
}

/** Nothing that was damaged, and the valid stream to the last session. */
function expectWhole(state: Store, valid: HostileMixResult): void {
  const { byDomain } = storedSessions(state);
  expect(Object.fromEntries(Object.keys(valid).map((domain) => [domain, byDomain.get(domain)]))).toEqual(valid);
  const damage = state.sessions.days().flatMap((day) => {
    const reader = state.sessions.read(day);
    const unreadable = reader?.unreadable() ?? [];
    reader?.close();
    return unreadable;
  });
  expect(damage).toEqual([]);
}

describe('A collector beside a valid stream', () => {
  it(
    'counts the stream whole, in bounded memory, whatever else it is sent',
    async () => {
      const { socket, state } = await place();
      const collector = await startCollector({ socket, state });
      const valid = await sendMix({ socket, kinds: hostileKinds, hostile: 2_000, valid: 10 });
      const megabytes = peakMegabytes(collector);
      collector.kill('SIGTERM');
      const { exitCode, stderr } = await collector.ended;

      expect(exitCode).toBe(0);
      expect(stderr).toContain('Stored all of 22000 datagrams');
      expect(stderr).not.toMatch(/damaged|datagrams-dropped/);
      expect(megabytes).toBeLessThan(MOST_MEGABYTES);
      expectWhole(state, valid);
    },
    LONG_MS,
  );

  it(
    'loses nothing of it when it is killed while most is still to be tallied',
    async () => {
      const { collector, state, valid } = await behindWithTally();
      await untilJournaled(state);
      collector.kill('SIGKILL');
      await collector.ended;

      expectWhole(state, valid);
    },
    LONG_MS,
  );

  it(
    'ends when it is told to, and waits for none of what is still to be tallied',
    async () => {
      const { collector, state, valid } = await behindWithTally();
      const told = performance.now();
      collector.kill('SIGTERM');
      const { exitCode, stderr } = await collector.ended;

      expect(performance.now() - told).toBeLessThan(GENEROUS_MS);
      expect(exitCode).toBe(0);
      expect(stderr).toContain('Stored all of 11000 datagrams');
      expectWhole(state, valid);
    },
    LONG_MS,
  );
});
