/**
 * The leases of one reporter on the buckets of a day: takes them, renews them while it works, and says at every moment whether it still holds them.
 *
 * No clock of another machine is believed. A lease is taken from another one when it was seen unchanged for as long as it lasts, by the monotonic clock of
 * who looks; and it is held for two thirds of that time, counted from before the renewal was asked for. So the holder stops before anybody can begin,
 * also when it was paused or its network was cut. A machine that sleeps does not see it by its monotonic clock, so the wall clock ends a lease as well, and
 * never makes one longer.
 *
 * What is not held any more may become held again: when nobody else has taken the lease, renewing it still succeeds. It is lost once somebody has, or when
 * the engine has not been reached for `patienceMs`. Events: shared-leases-not-renewed, shared-leases-renewed, shared-buckets-lost.
 */
import { randomUUID } from 'node:crypto';
import type { Log } from '#events/event.ts';
import { bucketsLost, bucketsTakenOver, leasesNotRenewed, leasesRenewed } from '#events/share-events.ts';
import type { SteadyClock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { BucketLease, BucketLeases, LeaseChange, StoredLease, WorkedBucket } from './bucket-leases.ts';

export interface KeeperOptions {
  readonly leases: BucketLeases;
  readonly day: UtcDay;
  /** For people. */
  readonly host: string;
  readonly leaseMs: number;
  /** How long the engine may be away before all is given up; once told to stop, no longer than a lease lasts. */
  readonly patienceMs: number;
  readonly stopping: AbortSignal;
  readonly clock: SteadyClock;
  readonly log: Log;
}

/** Of the time that a lease lasts. */
const [HELD_SHARE, RENEW_SHARE, TIMEOUT_SHARE] = [2 / 3, 1 / 6, 1 / 3];

interface Moment {
  readonly steadyMs: number;
  readonly wallMs: number;
}

interface Held {
  readonly lease: StoredLease;
  /** Before it was asked for. */
  readonly since: Moment;
  readonly loss: Loss;
}

/** Of a lease that is not ours any more: lost, or let go of. */
interface Loss {
  readonly isComplete: Promise<void>;
  readonly complete: () => void;
}

/** When a lease was first seen as it is, and last. */
interface Sighting {
  readonly lease: StoredLease;
  readonly firstMs: number;
  readonly lastMs: number;
}

export class LeaseKeeper {
  readonly #options: KeeperOptions;
  readonly #holder = randomUUID();
  readonly #ended = new AbortController();
  readonly #held = new Map<number, Held>();
  readonly #waiting = new Set<() => void>();
  #seen: ReadonlyMap<number, Sighting> = new Map();
  /** Holders from whom something was taken over. */
  readonly #succeeded = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();
  #failedSinceMs: number | undefined;
  #failure: Error | undefined;
  readonly #renewing: Promise<void>;

  /** To be ended. */
  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#renewing = this.#renewAgainAndAgain();
  }

  /** Reads who has what, by bucket. */
  async look(): Promise<ReadonlyMap<number, StoredLease>> {
    const { leases, day, clock } = this.#options;
    const askedMs = clock.steadyMs();
    const found = await leases.read(day, this.#timeoutMs);
    const answeredMs = clock.steadyMs();
    const sightings = found.map((lease): Sighting => {
      const before = this.#seen.get(lease.bucket);
      return before?.lease.stamp === lease.stamp
        ? { ...before, lastMs: askedMs }
        : { lease, firstMs: answeredMs, lastMs: answeredMs };
    });
    this.#seen = new Map(sightings.map((sighting) => [sighting.lease.bucket, sighting]));
    return new Map(found.map((lease) => [lease.bucket, lease]));
  }

  /** By the last look, whether the bucket can be taken. */
  isFree(bucket: number): boolean {
    const seen = this.#seen.get(bucket);
    if (seen?.lease.holder === undefined) return true;
    return seen.lease.holder === this.#holder || seen.lastMs - seen.firstMs >= seen.lease.leaseMs;
  }

  /** Those of the free ones that were got. Others were faster, or nobody knows: the next look tells. */
  take(buckets: readonly number[]): Promise<StoredLease[]> {
    return this.#inTurn(async () => {
      const wanted = buckets.filter((bucket) => this.isFree(bucket) && !this.#held.has(bucket));
      const written = await this.#write(wanted.map((bucket) => this.#taking(bucket)));
      this.#tellTakenOver(written);
      return [...written];
    });
  }

  /** Whether it may work on the bucket right now. */
  holds(bucket: number): boolean {
    const held = this.#held.get(bucket);
    return held !== undefined && this.#elapsedMs(held.since) < held.lease.leaseMs * HELD_SHARE;
  }

  /** Resolves with true as soon as it may work on the bucket, or with false once it is lost, or soon after `enough` aborts. */
  async whenHeld(bucket: number, enough: AbortSignal): Promise<boolean> {
    while (!this.holds(bucket)) {
      if (!this.#held.has(bucket) || enough.aborted) return false;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return true;
  }

  /** Resolves once the bucket is not ours any more; undefined when it is not. */
  lossOf(bucket: number): Promise<void> | undefined {
    return this.#held.get(bucket)?.loss.isComplete;
  }

  /** Lets go of a bucket that it has; `worked` is undefined for one on which the work was not finished. */
  release(worked: ReadonlyMap<number, WorkedBucket | undefined>): Promise<void> {
    return this.#inTurn(async () => {
      const changes = [...worked].flatMap(([bucket, outcome]): LeaseChange[] => {
        const held = this.#held.get(bucket);
        if (!held || !this.#letGo(bucket)) return [];
        const { stamp: before, ...lease } = held.lease;
        return [{ before, lease: this.#written({ ...lease, holder: undefined, worked: outcome ?? lease.worked }) }];
      });
      this.#wake();
      if (changes.length > 0) await this.#writeReleases(changes);
    });
  }

  /** Nothing is renewed after it. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#renewing;
    this.#loseAll();
  }

  /** Throws what nobody foresaw, or what the engine refused, while leases were renewed. */
  requireWorking(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Once now; it is done by itself every so often. */
  renew(): Promise<void> {
    return this.#inTurn(async () => {
      const held = [...this.#held.values()];
      if (held.length === 0) return;
      try {
        await this.#renewAll(held);
        if (this.#failedSinceMs !== undefined) this.#options.log(leasesRenewed());
        this.#failedSinceMs = undefined;
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'cluster-unreachable') throw error;
        this.#noteFailure(error);
      } finally {
        this.#wake();
      }
    });
  }

  async #renewAgainAndAgain(): Promise<void> {
    const { clock, leaseMs } = this.#options;
    const isEnded = (): boolean => this.#ended.signal.aborted;
    while (!isEnded()) {
      await clock.sleep(leaseMs * RENEW_SHARE, this.#ended.signal);
      if (isEnded()) return;
      try {
        await this.renew();
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#loseAll();
        return;
      }
    }
  }

  async #renewAll(held: readonly Held[]): Promise<void> {
    const { leases, day } = this.#options;
    const since = this.#now();
    const changes = held.map(({ lease }) => this.#renewal(lease));
    const { written, conflicts } = await leases.write(day, changes, this.#timeoutMs);
    this.#hold(written, since);
    if (conflicts.length > 0) await this.#settleConflicts(conflicts);
    if (written.length + conflicts.length < held.length)
      throw new Problem('cluster-unreachable', `${leases.name} is too busy to renew all leases.`);
  }

  async #settleConflicts(conflicts: readonly number[]): Promise<void> {
    const known = conflicts.flatMap((bucket) => this.#held.get(bucket)?.lease ?? []);
    const mine = await this.#oursAmong(known);
    // A renewal of ours whose reply was lost. Its time is not known, so it is renewed once more.
    await this.#write(mine.map((lease) => this.#renewal(lease)));
    const kept = new Set(mine.map(({ bucket }) => bucket));
    this.#lose(conflicts.filter((bucket) => !kept.has(bucket)));
  }

  /** Those that nobody else has taken since, as they are by now. */
  async #oursAmong(known: readonly BucketLease[]): Promise<StoredLease[]> {
    const { leases, day } = this.#options;
    const epochs = new Map(known.map(({ bucket, epoch }) => [bucket, epoch]));
    const stored = await leases.read(day, this.#timeoutMs);
    return stored.filter(({ bucket, holder, epoch }) => holder === this.#holder && epochs.get(bucket) === epoch);
  }

  /** What was written is held from before it was asked for. */
  async #write(changes: readonly LeaseChange[]): Promise<readonly StoredLease[]> {
    if (changes.length === 0) return [];
    const { leases, day } = this.#options;
    const since = this.#now();
    const { written } = await leases.write(day, changes, this.#timeoutMs);
    this.#hold(written, since);
    return written;
  }

  /** What it has renewed without hearing of it is another version than it knows, and to be let go of all the same. */
  async #writeReleases(changes: readonly LeaseChange[]): Promise<void> {
    const { leases, day } = this.#options;
    const { conflicts } = await leases.write(day, changes, this.#timeoutMs);
    if (conflicts.length === 0) return;
    const left = new Map(changes.map(({ lease }) => [lease.bucket, lease]));
    const ours = await this.#oursAmong(conflicts.flatMap((bucket) => left.get(bucket) ?? []));
    const again = ours.flatMap(({ bucket, stamp: before }): LeaseChange[] => {
      const lease = left.get(bucket);
      return lease ? [{ lease, before }] : [];
    });
    if (again.length > 0) await leases.write(day, again, this.#timeoutMs);
  }

  #hold(leases: readonly StoredLease[], since: Moment): void {
    for (const lease of leases) {
      const { loss = newLoss() } = this.#held.get(lease.bucket) ?? {};
      this.#held.set(lease.bucket, { lease, since, loss });
    }
  }

  #letGo(bucket: number): boolean {
    this.#held.get(bucket)?.loss.complete();
    return this.#held.delete(bucket);
  }

  #taking(bucket: number): LeaseChange {
    const seen = this.#seen.get(bucket)?.lease;
    const { host, leaseMs } = this.#options;
    const epoch = (seen?.epoch ?? 0) + 1;
    const taken = { bucket, epoch, holder: this.#holder, host, leaseMs, renewals: 0, worked: seen?.worked };
    return { before: seen?.stamp, lease: this.#written(taken) };
  }

  #renewal({ stamp: before, ...lease }: StoredLease): LeaseChange {
    return { before, lease: this.#written({ ...lease, renewals: lease.renewals + 1 }) };
  }

  #written(lease: Omit<BucketLease, 'writtenMs'>): BucketLease {
    return { ...lease, writtenMs: this.#options.clock.nowMs() };
  }

  #tellTakenOver(taken: readonly StoredLease[]): void {
    const { day, log } = this.#options;
    for (const { bucket } of taken) {
      const { holder, host = '' } = this.#seen.get(bucket)?.lease ?? {};
      if (holder === undefined || holder === this.#holder || this.#succeeded.has(holder)) continue;
      this.#succeeded.add(holder);
      log(bucketsTakenOver(day, host));
    }
  }

  #noteFailure(problem: Problem): void {
    const { clock, patienceMs, leaseMs, stopping, log } = this.#options;
    const nowMs = clock.steadyMs();
    if (this.#failedSinceMs === undefined) log(leasesNotRenewed(problem.message));
    this.#failedSinceMs ??= nowMs;
    const patientMs = stopping.aborted ? Math.min(leaseMs, patienceMs) : patienceMs;
    if (nowMs - this.#failedSinceMs >= patientMs) this.#loseAll();
  }

  #loseAll(): void {
    this.#lose([...this.#held.keys()]);
    this.#wake();
  }

  #lose(buckets: readonly number[]): void {
    const lost = buckets.filter((bucket) => this.#letGo(bucket));
    if (lost.length > 0) this.#options.log(bucketsLost(this.#options.day, lost.length));
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { steadyMs: clock.steadyMs(), wallMs: clock.nowMs() };
  }

  #elapsedMs({ steadyMs, wallMs }: Moment): number {
    const { clock } = this.#options;
    return Math.max(clock.steadyMs() - steadyMs, clock.nowMs() - wallMs);
  }

  get #timeoutMs(): number {
    return this.#options.leaseMs * TIMEOUT_SHARE;
  }

  /** One request at a time, so that none is made with a stamp that another one is changing. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function newLoss(): Loss {
  let complete = (): void => undefined;
  const isComplete = new Promise<void>((resolve) => {
    complete = resolve;
  });
  return { isComplete, complete };
}
