/**
 * Works on a day together with other reporters, until nothing of it is left for anybody: takes some of the buckets that nobody has, does what there is to do
 * in them, lets go of them, and takes further ones. While others have the last ones it waits, as it takes over what they leave behind.
 *
 * Takes a quarter of what is free each time, so those who begin at once have equal shares, and whoever is faster does more. Whoever comes later, or again,
 * finds what is done by the mark of the sessions that were reported. It can be killed and repeated at any time, anywhere.
 * Problems: cluster-unreachable, cluster-refused, and those of the work.
 */
import type { Log } from '#events/event.ts';
import { clusterAwaited } from '#events/share-events.ts';
import type { SteadyClock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { StoredLease, WorkedBucket } from './bucket-leases.ts';
import { BUCKETS } from './domain-bucket.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

export interface ShareOptions {
  readonly day: UtcDay;
  readonly keeper: LeaseKeeper;
  /** Of the sessions that are here, as `contentMark` has it; undefined when none are, or when they were all reported from here. */
  readonly mark: string | undefined;
  readonly work: BucketWork;
  readonly clock: SteadyClock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** How long the engine may be away before it is given up, and how long is waited between two looks at what others have. */
  readonly patienceMs: number;
  readonly pollMs: number;
  readonly stopping: AbortSignal;
  readonly log: Log;
}

/** What is to be done, by whoever has the leases. */
export interface BucketWork {
  /** Builds what may be to be reported in the buckets, before any of them is taken. Nothing of it is known to others, nor sent. */
  plan(buckets: ReadonlySet<number>): Promise<void>;
  /** Does what there is to do in buckets that were taken. Without those that were lost meanwhile. */
  finish(taken: readonly StoredLease[]): Promise<ReadonlyMap<number, WorkedBucket>>;
}

export interface SharedDay {
  /** How many deliveries wait, in all buckets. */
  readonly waiting: number;
  /** Whether all is reported that is here. */
  readonly isReported: boolean;
}

const ALL = Array.from({ length: BUCKETS }, (_, bucket) => bucket);
const TAKEN_SHARE = 0.25;
const LEAST_TAKEN = 8;
const BETWEEN_ATTEMPTS_MS = 2_000;
const LONG_WAIT_MS = 21_600_000;

export function shareDay(options: ShareOptions): Promise<SharedDay> {
  return new DayShare(options).work();
}

class DayShare {
  readonly #options: ShareOptions;
  /** Those that this run has worked on. */
  readonly #done = new Set<number>();
  #isPlanned = false;
  #wasReached = false;
  /** Since when nothing has come of what was asked for. */
  #failedSinceMs: number | undefined;

  constructor(options: ShareOptions) {
    this.#options = options;
  }

  async work(): Promise<SharedDay> {
    for (;;) {
      this.#options.keeper.requireWorking();
      const came = await this.#patiently(() => this.#round());
      if (came) return came;
    }
  }

  /** Undefined when there may be more to do. */
  async #round(): Promise<SharedDay | undefined> {
    const { keeper, clock, pollMs, stopping } = this.#options;
    const leases = await keeper.look();
    this.#wasReached = true;
    const left = ALL.filter((bucket) => this.#isToDo(leases.get(bucket), bucket));
    if (stopping.aborted || left.length === 0) return this.#cameTo(leases);
    if (await this.#planOnce(leases, left)) return undefined;
    const free = left.filter((bucket) => keeper.isFree(bucket));
    const isWorkedOn = free.length > 0 && (await this.#workOnSome(free));
    if (!isWorkedOn) await clock.sleep(pollMs, stopping);
    return undefined;
  }

  #isToDo(lease: StoredLease | undefined, bucket: number): boolean {
    if (this.#done.has(bucket)) return false;
    if (!lease) return this.#options.mark !== undefined;
    return lease.holder !== undefined || this.#isToBuild(lease) || this.#isDue(lease);
  }

  #isToBuild(lease: StoredLease | undefined): boolean {
    const { mark } = this.#options;
    return mark !== undefined && lease?.worked?.mark !== mark;
  }

  /** Or due later than most are, as a clock may have been ahead: whoever has the lease looks closer. */
  #isDue({ worked }: StoredLease): boolean {
    if (worked === undefined || worked.waiting === 0) return false;
    const waitMs = (worked.nextAttemptMs ?? 0) - this.#options.clock.nowMs();
    return waitMs <= 0 || waitMs > LONG_WAIT_MS;
  }

  /** True when it was done now: some time has passed. */
  async #planOnce(leases: ReadonlyMap<number, StoredLease>, left: readonly number[]): Promise<boolean> {
    const toBuild = left.filter((bucket) => this.#isToBuild(leases.get(bucket)));
    if (this.#isPlanned || toBuild.length === 0) return false;
    await this.#options.work.plan(new Set(toBuild));
    this.#isPlanned = true;
    return true;
  }

  /** False when others were faster. */
  async #workOnSome(free: readonly number[]): Promise<boolean> {
    const { keeper, work } = this.#options;
    const share = Math.max(LEAST_TAKEN, Math.ceil(free.length * TAKEN_SHARE));
    const taken = await keeper.take(this.#shuffled(free).slice(0, share));
    if (taken.length === 0) return false;
    this.#failedSinceMs = undefined; // the work may take longer than anybody is patient
    let worked: ReadonlyMap<number, WorkedBucket> = new Map();
    try {
      worked = await work.finish(taken);
    } finally {
      await keeper.release(new Map(taken.map(({ bucket }) => [bucket, worked.get(bucket)])));
    }
    for (const bucket of worked.keys()) this.#done.add(bucket);
    return true;
  }

  /** So that those who begin at once do not all want the same. */
  #shuffled(buckets: readonly number[]): number[] {
    const { random } = this.#options;
    return buckets
      .map((bucket) => ({ bucket, order: random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ bucket }) => bucket);
  }

  /** Undefined when the engine was away, or too busy, which it may be for a while once it has been there. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const { clock, stopping } = this.#options;
    try {
      const answer = await ask();
      this.#failedSinceMs = undefined;
      return answer;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'cluster-unreachable') throw error;
      if (this.#isEnough(error)) throw error;
      await clock.sleep(BETWEEN_ATTEMPTS_MS, stopping);
      return undefined;
    }
  }

  /** It is told once of each outage that it is waited for. */
  #isEnough(problem: Problem): boolean {
    const { clock, patienceMs, stopping, log } = this.#options;
    const nowMs = clock.steadyMs();
    const isFirst = this.#failedSinceMs === undefined;
    this.#failedSinceMs ??= nowMs;
    if (!this.#wasReached || stopping.aborted || nowMs - this.#failedSinceMs >= patienceMs) return true;
    if (isFirst) log(clusterAwaited(problem.message));
    return false;
  }

  #cameTo(leases: ReadonlyMap<number, StoredLease>): SharedDay {
    const { mark } = this.#options;
    const waiting = [...leases.values()].reduce((sum, { worked }) => sum + (worked?.waiting ?? 0), 0);
    return { waiting, isReported: mark !== undefined && !ALL.some((bucket) => this.#isToBuild(leases.get(bucket))) };
  }
}
