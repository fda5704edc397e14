import { describe, expect, it, onTestFinished } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import type { StoredLease, WorkedBucket } from '#pipeline/share/bucket-leases.ts';
import { BUCKETS } from '#pipeline/share/domain-bucket.ts';
import { LeaseKeeper } from '#pipeline/share/lease-keeper.ts';
import { shareDay } from '#pipeline/share/share-day.ts';
import type { BucketWork, SharedDay } from '#pipeline/share/share-day.ts';
import { Problem } from '#support/problem.ts';
import { DAY } from '#test/support/collected-days.ts';
import { FakeBucketLeases } from '#test/support/fake-bucket-leases.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const LEASE_MS = 30_000;
const TIMES = { leaseMs: LEASE_MS, patienceMs: 120_000, pollMs: 1_000 };

/** While one sleeps the other works. The clock moves for those who poll alone. */
class SharedClock extends ManualClock {
  override sleep(durationMs: number, enough?: AbortSignal): Promise<void> {
    if (durationMs !== LEASE_MS / 6) return super.sleep(durationMs);
    return new Promise((resolve) => {
      enough?.addEventListener('abort', () => {
        resolve();
      });
    });
  }
}

/** A reporter that notes what it does. */
class Reporter implements BucketWork {
  readonly worked: number[] = [];
  readonly planned: number[] = [];
  readonly stopping = new AbortController();
  readonly keeper: LeaseKeeper;
  readonly events: LogEvent[] = [];
  outcome: Partial<WorkedBucket> = {};
  onFinish: (() => void) | undefined;
  readonly #leases: FakeBucketLeases;
  readonly #clock: SharedClock;
  readonly #mark: string | undefined;

  /** With sessions that have this mark, or with `none`. */
  constructor(leases: FakeBucketLeases, clock: SharedClock, mark = 'mark') {
    this.#leases = leases;
    this.#clock = clock;
    this.#mark = mark === 'none' ? undefined : mark;
    const log = (): void => undefined;
    const stopping = this.stopping.signal;
    this.keeper = new LeaseKeeper({ leases: this.#leases, day: DAY, host: 'mx', clock, stopping, log, ...TIMES });
    onTestFinished(() => this.keeper.end());
  }

  share(): Promise<SharedDay> {
    const { keeper, stopping } = this;
    return shareDay({
      ...{ day: DAY, keeper, mark: this.#mark, work: this, clock: this.#clock, stopping: stopping.signal, ...TIMES },
      random: Math.random,
      log: (event) => this.events.push(event),
    });
  }

  plan(buckets: ReadonlySet<number>): Promise<void> {
    this.planned.push(...buckets);
    return Promise.resolve();
  }

  async finish(taken: readonly StoredLease[]): Promise<ReadonlyMap<number, WorkedBucket>> {
    this.onFinish?.();
    for (const { bucket } of taken) this.worked.push(bucket);
    await new Promise((resolve) => setImmediate(resolve));
    const worked = { mark: this.#mark, waiting: 0, nextAttemptMs: undefined, ...this.outcome };
    return new Map(taken.map(({ bucket }) => [bucket, worked]));
  }
}

function scene(): { leases: FakeBucketLeases; clock: SharedClock } {
  return { leases: new FakeBucketLeases(), clock: new SharedClock('2026-11-20T06:00:00Z') };
}

describe('shareDay', () => {
  it('works on every bucket once, whoever does it, and each has its share', async () => {
    const { leases, clock } = scene();
    const reporters = [1, 2, 3].map(() => new Reporter(leases, clock));
    const came = await Promise.all(reporters.map((reporter) => reporter.share()));
    const worked = reporters.flatMap((reporter) => reporter.worked);
    expect([worked.length, new Set(worked).size]).toEqual([BUCKETS, BUCKETS]);
    for (const reporter of reporters) expect(reporter.worked.length).toBeGreaterThan(BUCKETS / 8);
    expect(came[0]).toEqual({ waiting: 0, isReported: true });
  });

  it('finds nothing to do in what others have done with the same sessions, and goes over it again with others', async () => {
    const { leases, clock } = scene();
    await new Reporter(leases, clock).share();
    const [same, other] = [new Reporter(leases, clock), new Reporter(leases, clock, 'another mark')];
    await same.share();
    await other.share();
    expect([same.planned.length, same.worked.length]).toEqual([0, 0]);
    expect([other.planned.length, other.worked.length]).toEqual([BUCKETS, BUCKETS]);
  });

  it('waits for those who work, and takes over what they leave behind', async () => {
    const { leases, clock } = scene();
    const killed = new Reporter(leases, clock);
    await killed.keeper.look();
    await killed.keeper.take([7, 8]);
    const reporter = new Reporter(leases, clock);
    const startedMs = clock.steadyMs();
    await reporter.share();
    expect(reporter.worked).toHaveLength(BUCKETS);
    expect(new Set(reporter.worked.slice(-2))).toEqual(new Set([7, 8]));
    expect(clock.steadyMs() - startedMs).toBeGreaterThanOrEqual(LEASE_MS);
  });

  it('delivers what is due of a day that it knows nothing else of, and leaves what is due later', async () => {
    const { leases, clock } = scene();
    const first = new Reporter(leases, clock);
    first.outcome = { waiting: 2, nextAttemptMs: clock.nowMs() + 60_000 };
    expect(await first.share()).toEqual({ waiting: 2 * BUCKETS, isReported: true });
    const early = new Reporter(leases, clock, 'none');
    await early.share();
    clock.advance(60_000);
    const late = new Reporter(leases, clock, 'none');
    expect(await late.share()).toEqual({ waiting: 0, isReported: false });
    expect([early.worked.length, late.worked.length, late.planned.length]).toEqual([0, BUCKETS, 0]);
  });

  it('has nothing to do with a day of which nothing is here, nor from others', async () => {
    const { leases, clock } = scene();
    const reporter = new Reporter(leases, clock, 'none');
    expect(await reporter.share()).toEqual({ waiting: 0, isReported: false });
    expect(reporter.worked).toEqual([]);
  });

  it('goes over what could not be reported once in a run', async () => {
    const { leases, clock } = scene();
    const reporter = new Reporter(leases, clock);
    reporter.outcome = { mark: undefined };
    expect(await reporter.share()).toEqual({ waiting: 0, isReported: false });
    expect(reporter.worked).toHaveLength(BUCKETS);
  });

  it('begins nothing more once it is told to stop, and lets go of what it has', async () => {
    const { leases, clock } = scene();
    const reporter = new Reporter(leases, clock);
    reporter.onFinish = () => {
      reporter.stopping.abort();
    };
    await reporter.share();
    expect(reporter.worked).toHaveLength(BUCKETS / 4);
    expect((await leases.read(DAY)).every(({ holder }) => holder === undefined)).toBe(true);
  });

  it('lets go of what it has when the work fails', async () => {
    const { leases, clock } = scene();
    const reporter = new Reporter(leases, clock);
    reporter.onFinish = () => {
      throw new Problem('disk-full', 'full');
    };
    await expect(reporter.share()).rejects.toThrow('full');
    const left = await leases.read(DAY);
    expect(left.every(({ holder, worked }) => holder === undefined && worked === undefined)).toBe(true);
  });

  it('bears that the cluster is away for a while, and not for ever', async () => {
    const { leases, clock } = scene();
    const reporter = new Reporter(leases, clock);
    reporter.onFinish = () => {
      leases.isAway = true;
      reporter.onFinish = undefined;
      setImmediate(() => setImmediate(() => setImmediate(() => (leases.isAway = false))));
    };
    await reporter.share();
    expect(new Set(reporter.worked).size).toBe(BUCKETS);
    const another = new Reporter(leases, clock, 'another mark');
    another.onFinish = () => (leases.isAway = true);
    await expect(another.share()).rejects.toMatchObject({ code: 'cluster-unreachable' });
  });

  it('waits for a cluster that takes no leases, which it asks seldom, and not for ever', async () => {
    const { leases, clock } = scene();
    leases.isBusy = true;
    const [reporter, startedMs] = [new Reporter(leases, clock), clock.steadyMs()];
    await expect(reporter.share()).rejects.toMatchObject({ code: 'cluster-unreachable' });
    expect(clock.steadyMs() - startedMs).toBe(TIMES.patienceMs);
    expect(leases.requests).toBeLessThan(200);
    expect(reporter.events.map(({ name }) => name)).toEqual(['shared-cluster-awaited']);
  });

  it('asks seldom while others are always faster', async () => {
    const { leases, clock } = scene();
    const reporter = new Reporter(leases, clock);
    const startedMs = clock.steadyMs();
    reporter.keeper.take = () => {
      if (clock.steadyMs() - startedMs >= 10 * TIMES.pollMs) reporter.stopping.abort();
      return Promise.resolve([]);
    };
    await reporter.share();
    expect(leases.requests).toBeLessThan(20);
  });

  it('is as patient with a cluster that goes while a long work is done', async () => {
    const { leases, clock } = scene();
    const reporter = new Reporter(leases, clock);
    reporter.onFinish = () => {
      reporter.onFinish = undefined;
      clock.advance(10 * TIMES.patienceMs);
      leases.isAway = true;
      setImmediate(() => setImmediate(() => setImmediate(() => (leases.isAway = false))));
    };
    await reporter.share();
    expect(new Set(reporter.worked).size).toBe(BUCKETS);
  });

  it('is refused at once where the cluster was never there', async () => {
    const { leases, clock } = scene();
    leases.isAway = true;
    await expect(new Reporter(leases, clock).share()).rejects.toMatchObject({ code: 'cluster-unreachable' });
  });
});
