import { describe, expect, it } from 'vitest';
import type { StoredLease } from '#pipeline/share/bucket-leases.ts';
import { ReportBuckets } from '#pipeline/share/bucket-work.ts';
import { bucketOf } from '#pipeline/share/domain-bucket.ts';
import { OutcomePublisher } from '#pipeline/share/outcome-publisher.ts';
import type { PublishedReport, Versioned } from '#pipeline/share/shared-reports.ts';
import type { Store } from '#store/store.ts';
import { Problem } from '#support/problem.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { publishedReport } from '#test/support/published-reports.ts';

const [A, B] = ['a.example', 'b.example'] as const;
const TIMES = { firstAttemptMs: 1, lastAttemptMs: 1, nextAttemptMs: undefined } as const;

/** What is published, by version alone: an earlier one changes nothing. */
class FakeReports {
  readonly #reports = new Map<string, Versioned<PublishedReport>>();
  readonly #outcomes = new Map<string, Versioned<Delivery>>();

  async *read(_day: string, buckets: readonly number[]): AsyncGenerator<Versioned<PublishedReport>[]> {
    const found = [...this.#reports].filter(([, { bucket }]) => buckets.includes(bucket));
    yield found.map(([reportId, { value, bucket, version }]) => {
      const outcome = this.#outcomes.get(reportId);
      const deliveries = outcome ? [outcome.value] : value.deliveries;
      return { bucket, version: Math.max(version, outcome?.version ?? 0), value: { ...value, deliveries } };
    });
  }

  publish(_day: string, reports: readonly Versioned<PublishedReport>[]): Promise<void> {
    for (const report of reports) putLater(this.#reports, report.value.report.outgoing.reportId, report);
    return Promise.resolve();
  }

  note(_day: string, deliveries: readonly Versioned<Delivery>[]): Promise<void> {
    for (const delivery of deliveries) putLater(this.#outcomes, delivery.value.reportId, delivery);
    return Promise.resolve();
  }

  prepare(): Promise<string> {
    return Promise.resolve('an identity');
  }

  counts(): Promise<never> {
    return Promise.reject(new Error('nobody asks'));
  }

  /** What is known of the deliveries, by domain. */
  states(): Record<string, DeliveryState> {
    return Object.fromEntries(
      [...this.#reports].map(([reportId, { value }]) => [
        value.report.outgoing.policyDomain,
        this.#outcomes.get(reportId)?.value.state ?? 'queued',
      ]),
    );
  }
}

function putLater<T>(there: Map<string, Versioned<T>>, id: string, value: Versioned<T>): void {
  if ((there.get(id)?.version ?? -1) < value.version) there.set(id, value);
}

interface Wish {
  /** The documents of the reports that it would build, by domain. */
  readonly documents?: Readonly<Record<string, string>>;
  readonly outcome?: DeliveryState;
}

/** A reporter that has what it takes, and what it delivers. */
class Reporter {
  readonly delivered: string[] = [];
  readonly lost = new Set<number>();
  readonly work: ReportBuckets;
  readonly #store: Store;
  readonly #wish: Wish;
  readonly #outcomes: OutcomePublisher;

  private constructor(reports: FakeReports, store: Store, wish: Wish) {
    this.#store = store;
    this.#wish = wish;
    const clock = new ManualClock('2026-11-20T06:00:00Z');
    this.#outcomes = new OutcomePublisher({ reports, day: DAY, clock });
    const holds = (bucket: number): boolean => !this.lost.has(bucket);
    const keeper = {
      holds,
      whenHeld: (bucket: number) => Promise.resolve(holds(bucket)),
      lossOf: (bucket: number) => (holds(bucket) ? new Promise<void>(() => undefined) : undefined),
    };
    this.work = new ReportBuckets({
      ...{ store, day: DAY, mark: 'mark', keeper, reports, outcomes: this.#outcomes },
      stopping: new AbortController().signal,
      build: (isMeant) => this.#build(isMeant),
      deliver: (isMeant) => this.#deliver(isMeant),
    });
  }

  static async make(reports: FakeReports, wish: Wish = {}): Promise<Reporter> {
    const { store } = await CollectedDays.make();
    return new Reporter(reports, store.shared('an identity'), wish);
  }

  /** Builds without a lease, then works with one. */
  async report(epoch: number, ...domains: readonly string[]): ReturnType<ReportBuckets['finish']> {
    const buckets = domains.map(bucketOf);
    await this.work.plan(new Set(buckets));
    return this.work.finish(buckets.map((bucket) => leaseOn(bucket, epoch)));
  }

  #build(isMeant: (policyDomain: string) => boolean): Promise<void> {
    const outbox = this.#store.outboxes.open(DAY);
    const { documents = { [A]: '{}', [B]: '{}' } } = this.#wish;
    const domains = Object.entries(documents).filter(([domain]) => isMeant(domain));
    const missing = domains.filter(([domain]) => outbox.reportsOn(domain).length === 0);
    outbox.save(
      missing.map(([domain, document]) => {
        const { report } = publishedReport(domain);
        return { ...report, outgoing: { ...report.outgoing, document }, dueMs: 0 };
      }),
    );
    outbox.close();
    return Promise.resolve();
  }

  async #deliver(isMeant: (policyDomain: string) => boolean): Promise<void> {
    const { outcome = 'delivered' } = this.#wish;
    const outbox = this.#store.outboxes.open(DAY);
    for (const delivery of outbox.deliveries()) {
      const isWaiting = delivery.state === 'queued' || delivery.state === 'deferred';
      if (!isWaiting || !isMeant(delivery.policyDomain) || !(await this.work.isOurs(delivery))) continue;
      const report = outbox.report(delivery.reportId);
      this.delivered.push(`${delivery.policyDomain} ${report?.outgoing.document ?? ''}`);
      const result = { ...delivery, ...TIMES, state: outcome, attempts: 1, lastResult: '250' };
      outbox.startTransmission([delivery.reportId]);
      outbox.noteResult(result);
      await this.work.noted(result);
    }
    outbox.close();
  }
}

function leaseOn(bucket: number, epoch: number): StoredLease {
  const names = { bucket, epoch, holder: 'one', host: 'mx1', stamp: 'x', worked: undefined };
  return { ...names, leaseMs: 30_000, renewals: 0, writtenMs: 0 };
}

describe('ReportBuckets', () => {
  it('delivers what is in the buckets that it took, and makes known what became of it', async () => {
    const reports = new FakeReports();
    const reporter = await Reporter.make(reports);
    const worked = await reporter.report(1, A);
    expect(reporter.delivered).toEqual([`${A} {}`]);
    expect(reports.states()).toEqual({ [A]: 'delivered' });
    expect(worked).toEqual(new Map([[bucketOf(A), { mark: 'mark', waiting: 0, nextAttemptMs: undefined }]]));
  });

  it('delivers nothing that another one has delivered', async () => {
    const reports = new FakeReports();
    await (await Reporter.make(reports)).report(1, A);
    const second = await Reporter.make(reports);
    await second.report(2, A, B);
    expect(second.delivered).toEqual([`${B} {}`]);
  });

  it('delivers what another one has published and not delivered, as that one has built it, and leaves its own for later', async () => {
    const reports = new FakeReports();
    const second = await Reporter.make(reports, { documents: { [A]: '{"mine":1}' } });
    await second.work.plan(new Set([bucketOf(A)])); // before anything is published
    await (await Reporter.make(reports, { outcome: 'deferred' })).report(1, A);
    const worked = await second.work.finish([leaseOn(bucketOf(A), 2)]);
    expect(second.delivered).toEqual([`${A} {}`]);
    expect(worked.get(bucketOf(A))?.mark).toBeUndefined();
  });

  it('publishes and delivers nothing in a bucket that it lost, and says nothing of it', async () => {
    const reports = new FakeReports();
    const reporter = await Reporter.make(reports);
    reporter.lost.add(bucketOf(A));
    expect([...(await reporter.report(1, A, B)).keys()]).toEqual([bucketOf(B)]);
    expect([reporter.delivered, reports.states()]).toEqual([[`${B} {}`], { [B]: 'delivered' }]);
  });

  it('says how many deliveries wait', async () => {
    const reporter = await Reporter.make(new FakeReports(), { outcome: 'deferred' });
    expect((await reporter.report(1, A)).get(bucketOf(A))).toMatchObject({ mark: 'mark', waiting: 1 });
  });

  it('writes later versions than those that are there, also where the leases were lost and begin anew', async () => {
    const reports = new FakeReports();
    await (await Reporter.make(reports, { outcome: 'deferred' })).report(5, A);
    await (await Reporter.make(reports)).report(1, A);
    expect(reports.states()).toEqual({ [A]: 'delivered' });
    const third = await Reporter.make(reports);
    await third.report(2, A);
    expect(third.delivered).toEqual([]);
  });

  it('ends when the cluster refuses what became of a delivery', async () => {
    const reports = new FakeReports();
    reports.note = () => Promise.reject(new Problem('cluster-refused', 'no'));
    await expect((await Reporter.make(reports)).report(1, A)).rejects.toMatchObject({ code: 'cluster-refused' });
  });
});
