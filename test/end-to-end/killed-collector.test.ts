/**
 * `kill -9` at random moments under load costs at most the newest 100 ms, also when each sync takes three seconds, and nothing after an
 * idle second.
 *
 * What counts as sent is what the kernel took (sendto returned without an error). While no collector runs the kernel refuses, so the
 * sender knows that nobody has those. A kill loses what had not reached the journal: what lay in the kernel's queue, in the ring and in the
 * frame that was gathered. All of that is newest, since everything goes through in the order of sending; so after a kill the stored sessions
 * must be exactly the first so many that were sent since the start, and everything that was sent 100 ms before the kill or earlier must be
 * among them. A datagram that was refused, or came twice, would show as a wrong number for its domain.
 *
 * The 100 ms are ones in which the collector could run: what the system let its threads wait for a processor, on a machine that is busy
 * with other tests, comes on top. The kernel tells of a wait when it is over, so a thread that waits while it is killed would seem to have
 * run. So the collector is stopped first, which it can no more resist than the kill: once its threads stand still, no wait is left out.
 * Nor are they ones in which it waits for a disk that other tests keep busy: its files are in memory, and what is slow is slow by design.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Store } from '#store/store.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { startCollector, starvedMs, untilStopped } from '#test/support/running-collector.ts';
import type { CollectorPlace } from '#test/support/running-collector.ts';
import { preload } from '#test/support/preload.ts';
import { fastScratchDirectory, scratchDirectory } from '#test/support/scratch.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { countsOf, SessionStream } from '#test/support/session-stream.ts';
import type { SentSession } from '#test/support/session-stream.ts';
import { storedSessions } from '#test/support/stored-sessions.ts';

const LONG_MS = 600_000;
const SEED = 8460;
const BOUND_MS = 100;
const KILLS = 20;
const LEAST_SENT = 100_000;
const LONGEST_LIFE_MS = 1_200;
const DOMAINS = 20;

/** Looking takes time, in which the collector may wait: it had waited for at least `starvedMs` then, and at most `latestStarvedMs`. */
interface Moment {
  readonly atMs: number;
  readonly starvedMs: number;
  readonly latestStarvedMs: number;
}

const nowMs = (): number => performance.now();

/** Every domain gets successes and failures. */
function session(index: number): { domain: string; failed: boolean } {
  return { domain: `d${String(index % DOMAINS)}.example`, failed: Math.floor(index / DOMAINS) % 4 === 0 };
}

class KilledCollector {
  readonly #store: Store;
  readonly #place: CollectorPlace;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #stream: SessionStream;
  #collector: StartedRun | undefined;
  #moments: Moment[] = [];
  /** What was stored, in the order of sending, by the collectors that were killed. */
  readonly #stored: SentSession[] = [];
  sent = 0;

  constructor(store: Store, environment: Readonly<Record<string, string>> = {}) {
    this.#store = store;
    this.#environment = environment;
    this.#place = { socket: join(scratchDirectory(), 'socket'), state: store };
    const onTick = (): void => {
      this.#note();
    };
    this.#stream = new SessionStream({ socket: this.#place.socket, nowMs, session, onTick });
    onTestFinished(() => this.#stream.stop());
  }

  get refused(): number {
    return this.#stream.refused;
  }

  stopSending(): Promise<void> {
    return this.#stream.stop();
  }

  async start(): Promise<void> {
    this.#stream.sent = [];
    this.#moments = [];
    this.#collector = await startCollector(this.#place, { environment: this.#environment });
  }

  /** Returns what was sent before the kill and must be stored in spite of it, if the bound is what it is said to be. */
  async kill(boundMs: number): Promise<number> {
    const killedMs = nowMs();
    if (this.#collector) await stopped(this.#collector);
    const killed = { ...this.#note(), atMs: killedMs };
    const safe = this.#moments.findLast((moment) => runningMs(moment, killed) >= boundMs);
    await this.end('SIGKILL');
    return this.#stream.sent.filter(({ sentMs }) => safe !== undefined && sentMs <= safe.atMs).length;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const collector = this.#collector;
    this.#collector = undefined;
    collector?.kill(signal);
    await collector?.ended;
    this.sent += this.#stream.sent.length;
  }

  /** Returns how many of the newest life are stored, having seen to it that they are the first ones, and all is as it was before. */
  check(): number {
    const { byDomain, counters } = storedSessions(this.#store);
    const stored = (counters.get('datagrams') ?? 0) - this.#stored.length;
    this.#stored.push(...this.#stream.sent.slice(0, stored));
    expect(counters.get('datagrams') ?? 0).toBe(this.#stored.length);
    expect(Object.fromEntries(byDomain)).toEqual(Object.fromEntries(countsOf(this.#stored)));
    return stored;
  }

  get sentInThisLife(): number {
    return this.#stream.sent.length;
  }

  #note(): Moment {
    const starved = (): number => (this.#collector ? starvedMs(this.#collector) : 0);
    const moment = { starvedMs: starved(), atMs: nowMs(), latestStarvedMs: starved() };
    this.#moments.push(moment);
    return moment;
  }
}

async function stopped(collector: StartedRun): Promise<void> {
  collector.kill('SIGSTOP');
  await untilStopped(collector);
}

/** For how long between two moments the collector could run, if it wanted. */
function runningMs(from: Moment, to: Moment): number {
  return to.atMs - from.atMs - (to.latestStarvedMs - from.starvedMs);
}

const slowSyncs = { ...preload('slow-disk.cjs'), SLOW_DISK_MS: '3000', SLOW_DISK_CALLS: 'fsync' };

describe('A collector that is killed', () => {
  it.each([
    ['', {}, KILLS, LEAST_SENT],
    [' though each sync takes three seconds', slowSyncs, 5, 30_000],
  ] as const)(
    'under load loses at most the newest 100 ms each time, and counts nothing twice%s',
    async (_how, environment, leastKills, leastSent) => {
      const random = new SeededRandom(SEED);
      const trial = new KilledCollector(await Store.open(join(fastScratchDirectory(), 'state')), environment);
      let kills = 0;
      for (; kills < leastKills || trial.sent < leastSent; kills += 1) {
        await trial.start();
        await sleep(random.below(LONGEST_LIFE_MS));
        const safe = await trial.kill(BOUND_MS);
        expect(trial.check()).toBeGreaterThanOrEqual(safe);
      }
      expect(trial.refused).toBeGreaterThan(0);
      await trial.start();
      await trial.stopSending();
      await trial.end('SIGTERM');
      expect(trial.check()).toBe(trial.sentInThisLife);
    },
    LONG_MS,
  );

  it(
    'after an idle second loses nothing',
    async () => {
      for (let round = 0; round < 3; round += 1) {
        const trial = new KilledCollector(await Store.open(join(scratchDirectory(), 'state')));
        await trial.start();
        await sleep(300);
        await trial.stopSending();
        await sleep(1_000);
        await trial.end('SIGKILL');
        expect(trial.sent).toBeGreaterThan(0);
        expect(trial.check()).toBe(trial.sentInThisLife);
      }
    },
    LONG_MS,
  );
});
