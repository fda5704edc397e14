/**
 * A million hostile datagrams through a real socket, and a valid stream before, among and behind them.
 *
 * The sender waits for room, so nothing is lost on the way and every number must be right to the last one: the valid stream domain by
 * domain, and all that was rejected kind by kind.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { quarantineLimits } from '#store/quarantine.ts';
import { Store } from '#store/store.ts';
import { peakMegabytes, startCollector, untilAtRest } from '#test/support/running-collector.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { HostileLoad, HostileLoadResult } from '#test/support/send-hostile-datagrams.ts';
import { storedSessions } from '#test/support/stored-sessions.ts';
import { unreadableReasons } from '#tlsrpt/datagram.ts';

const SENDER = fileURLToPath(new URL('../support/send-hostile-datagrams.ts', import.meta.url));
const SEED = 8460;
const HOSTILE = 1_000_000;
const LONG_MS = 600_000;
/** It needs about half of that, for 26,000 policies that mutation made of the recorded ones. */
const MOST_MEGABYTES = 600;

async function sendHostile(load: HostileLoad): Promise<HostileLoadResult> {
  const words = ['--import', 'tsx', SENDER, JSON.stringify(load)];
  return JSON.parse((await promisify(execFile)(process.execPath, words)).stdout) as HostileLoadResult;
}

describe('A collector that is sent a million hostile datagrams', () => {
  it(
    'counts a valid stream among them to the last one, and what it rejects by kind',
    async () => {
      const directory = scratchDirectory();
      const store = await Store.open(join(directory, 'state'));
      const place = { socket: join(directory, 'socket'), state: store };
      const collector = await startCollector(place);
      const stream = { validAround: 5_000, validAfter: 20, validDomains: 49 };
      const sent = await sendHostile({ socket: place.socket, seed: SEED, hostile: HOSTILE, ...stream });
      await untilAtRest(collector);
      const megabytes = peakMegabytes(collector);
      collector.kill('SIGTERM');
      const { exitCode, stderr } = await collector.ended;
      const { byDomain, counters } = storedSessions(store);

      expect(exitCode).toBe(0);
      for (const [domain, counts] of Object.entries(sent.valid))
        expect([domain, byDomain.get(domain)]).toEqual([domain, counts]);
      const { session = 0, ...rejected } = sent.outcomes;
      const rejections = sum(Object.values(rejected));
      expect(session + rejections).toBe(HOSTILE + 2 * stream.validAround + HOSTILE / stream.validAfter);
      const counted = [...counters].filter(([name]) => /^(datagrams$|rejected)/.test(name));
      expect(Object.fromEntries(counted)).toEqual({
        datagrams: session + rejections,
        rejected: rejections,
        ...Object.fromEntries(Object.entries(rejected).map(([kind, count]) => [`rejected-${kind}`, count])),
      });
      expect(Object.keys(rejected).sort()).toEqual([...unreadableReasons].sort());
      expect(megabytes).toBeLessThan(MOST_MEGABYTES);
      expect(timesSaid(stderr, 'datagram-unreadable')).toBeLessThan(100);
      expect(readdirSync(join(store.path, 'quarantine')).length).toBeLessThanOrEqual(
        quarantineLimits.filesOfAKind * unreadableReasons.length,
      );
    },
    LONG_MS,
  );
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}

function timesSaid(log: string, what: string): number {
  return log.split(what).length - 1;
}
