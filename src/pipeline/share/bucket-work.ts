/**
 * What a reporter does in the buckets that it shares with others: its reports lie in an outbox of their own, in which only what it holds the lease of is
 * touched.
 *
 * It builds first, without any lease, as that may take long: all reports that are left in the buckets beyond what others have published by then. With a lease
 * it takes over what was published meanwhile, publishes what is its own, and delivers. Where another reporter has built something else on a domain, what
 * was published counts, and what there is beyond it is left for the next run.
 */
import type { Outbox } from '#store/outbox/outbox.ts';
import type { AdoptedEntry } from '#store/outbox/outbox-entries.ts';
import type { Store } from '#store/store.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { StoredLease, WorkedBucket } from './bucket-leases.ts';
import { bucketOf } from './domain-bucket.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { OutcomePublisher } from './outcome-publisher.ts';
import type { BucketWork } from './share-day.ts';
import type { PublishedReport, SharedReports, Versioned } from './shared-reports.ts';

export interface WorkOptions {
  /** As `Store.shared` gives it. */
  readonly store: Pick<Store, 'outboxes'>;
  readonly day: UtcDay;
  readonly mark: string | undefined;
  readonly keeper: Pick<LeaseKeeper, 'holds' | 'lossOf' | 'whenHeld'>;
  readonly reports: SharedReports;
  readonly outcomes: OutcomePublisher;
  /** Adds to the outbox what there is to report on the domains beyond what is in it. */
  readonly build: (isMeant: (policyDomain: string) => boolean) => Promise<void>;
  /** Delivers what is due on the domains. */
  readonly deliver: (isMeant: (policyDomain: string) => boolean) => Promise<void>;
  readonly stopping: AbortSignal;
}

const REPORTS_AT_ONCE = 200;
const BYTES_AT_ONCE = 4_194_304;
/** So many writes of one run, and more than there can be; with two million epochs it is a whole number all the same. */
const VERSIONS_OF_AN_EPOCH = 2 ** 32;

export class ReportBuckets implements BucketWork {
  readonly #options: WorkOptions;
  readonly #planned = new Set<number>();
  /** Buckets in which something is not reported yet. */
  readonly #left = new Set<number>();
  readonly #epochs = new Map<number, number>();
  #writes = 0;

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  async plan(buckets: ReadonlySet<number>): Promise<void> {
    await this.#inOutbox((outbox) => this.#takeOver(outbox, [...buckets]));
    await this.#options.build((policyDomain) => buckets.has(bucketOf(policyDomain)));
    await this.#inOutbox((outbox) => {
      for (const { policyDomain, why } of outbox.withheld())
        if (why !== 'only-report-mails') this.#left.add(bucketOf(policyDomain));
    });
    for (const bucket of buckets) this.#planned.add(bucket);
  }

  async finish(taken: readonly StoredLease[]): Promise<ReadonlyMap<number, WorkedBucket>> {
    const { outcomes, deliver } = this.#options;
    for (const { bucket, epoch } of taken) this.#epochs.set(bucket, epoch);
    const buckets = new Set(taken.map(({ bucket }) => bucket));
    await outcomes.settle(); // what is read back would be older
    await this.#inOutbox(async (outbox) => {
      for (const policyDomain of await this.#takeOver(outbox, [...buckets])) this.#left.add(bucketOf(policyDomain));
      await this.#publishOwn(outbox, buckets);
    });
    await deliver((policyDomain) => buckets.has(bucketOf(policyDomain)));
    return this.#inOutbox((outbox) => this.#cameTo(outbox, taken));
  }

  /** For the deliveries: whether this reporter may make one now. */
  readonly isOurs = (delivery: Delivery): Promise<boolean> => {
    const { keeper, stopping } = this.#options;
    const bucket = bucketOf(delivery.policyDomain);
    return keeper.holds(bucket) ? Promise.resolve(true) : keeper.whenHeld(bucket, stopping);
  };

  /** For the deliveries: publishes what became of one. What is not ours any more is published as soon as that can be done. */
  readonly noted = async (delivery: Delivery): Promise<void> => {
    const { keeper, outcomes } = this.#options;
    const bucket = bucketOf(delivery.policyDomain);
    const publishing = outcomes.note(this.#versioned(delivery, bucket));
    const loss = keeper.lossOf(bucket);
    publishing.catch(() => undefined); // nobody waits for it once the bucket is lost
    if (loss) await Promise.race([publishing, loss]);
  };

  /** Returns the domains on which there was something else. */
  async #takeOver(outbox: Outbox, buckets: readonly number[]): Promise<Set<string>> {
    const { reports, day } = this.#options;
    const differing = new Set<string>();
    for await (const some of reports.read(day, buckets)) {
      for (const { bucket, version } of some) this.#beginAfter(bucket, Math.floor(version / VERSIONS_OF_AN_EPOCH));
      for (const policyDomain of outbox.takeOver(some.map(({ value }) => adoptedEntry(value))))
        differing.add(policyDomain);
    }
    return differing;
  }

  /** Where the leases were lost their epochs begin anew, and what is written must be later than what is there. */
  #beginAfter(bucket: number, epoch: number): void {
    const ours = this.#epochs.get(bucket);
    if (ours !== undefined && ours <= epoch) this.#epochs.set(bucket, epoch + 1);
  }

  async #publishOwn(outbox: Outbox, buckets: ReadonlySet<number>): Promise<void> {
    const { reports, day, keeper, stopping } = this.#options;
    let [some, sizeBytes]: [Versioned<PublishedReport>[], number] = [[], 0];
    const publish = async (): Promise<void> => {
      const held: Versioned<PublishedReport>[] = [];
      for (const report of some)
        if (await keeper.whenHeld(report.bucket, stopping)) held.push(report);
        else this.#left.add(report.bucket);
      [some, sizeBytes] = [[], 0];
      if (held.length > 0) await reports.publish(day, held);
    };
    for (const policyDomain of outbox.unsentDomains()) {
      const bucket = bucketOf(policyDomain);
      if (!buckets.has(bucket)) continue;
      const deliveries = outbox.deliveriesOn(policyDomain);
      for (const report of outbox.reportsOn(policyDomain)) {
        if (report.transmissionStarted) continue;
        const { reportId, document } = report.outgoing;
        const own = deliveries.filter((delivery) => delivery.reportId === reportId);
        some.push(this.#versioned({ report, deliveries: own }, bucket));
        sizeBytes += document.length;
      }
      if (some.length >= REPORTS_AT_ONCE || sizeBytes >= BYTES_AT_ONCE) await publish();
    }
    await publish();
  }

  #versioned<T>(value: T, bucket: number): Versioned<T> {
    this.#writes += 1;
    return { value, bucket, version: (this.#epochs.get(bucket) ?? 0) * VERSIONS_OF_AN_EPOCH + this.#writes };
  }

  #cameTo(outbox: Outbox, taken: readonly StoredLease[]): Map<number, WorkedBucket> {
    const { keeper, mark } = this.#options;
    const waiting = new Map<number, Pick<WorkedBucket, 'waiting' | 'nextAttemptMs'>>();
    for (const delivery of outbox.waitingDeliveries()) {
      const bucket = bucketOf(delivery.policyDomain);
      const { waiting: before = 0, nextAttemptMs: firstMs = Infinity } = waiting.get(bucket) ?? {};
      waiting.set(bucket, {
        waiting: before + 1,
        nextAttemptMs: Math.min(firstMs, delivery.nextAttemptMs ?? 0),
      });
    }
    const kept = taken.filter(({ bucket }) => keeper.lossOf(bucket) !== undefined);
    return new Map(
      kept.map(({ bucket, worked }) => [
        bucket,
        { ...(waiting.get(bucket) ?? NOTHING_WAITS), mark: this.#markOf(bucket, worked, mark) },
      ]),
    );
  }

  #markOf(bucket: number, worked: WorkedBucket | undefined, mark: string | undefined): string | undefined {
    if (!this.#planned.has(bucket)) return worked?.mark;
    return this.#left.has(bucket) ? undefined : mark;
  }

  async #inOutbox<T>(act: (outbox: Outbox) => T | Promise<T>): Promise<T> {
    const { store, day } = this.#options;
    const outbox = store.outboxes.open(day);
    try {
      return await act(outbox);
    } finally {
      outbox.close();
    }
  }
}

const NOTHING_WAITS = { waiting: 0, nextAttemptMs: undefined };

/** All that is known of its deliveries; the others are due. */
function adoptedEntry({ report, deliveries }: PublishedReport): AdoptedEntry {
  const results = deliveries.map(
    ({ reportId, destination, state, attempts, firstAttemptMs, lastAttemptMs, lastResult = '', nextAttemptMs }) => ({
      ...{ reportId, destination, state, attempts, firstAttemptMs, lastAttemptMs, lastResult, nextAttemptMs },
    }),
  );
  return { report: { ...report, dueMs: 0 }, results, due: [] };
}
