/**
 * A collected day, and runs of report on it with records as a test wants them.
 */
import type { LogEvent } from '#events/event.ts';
import type { BuildOptions } from '#pipeline/report/build-reports.ts';
import { reportDay } from '#pipeline/report/report-day.ts';
import type { ReportDayOptions, ReportedDay } from '#pipeline/report/report-day.ts';
import type { StoredReport, Withholding } from '#store/outbox/outbox-entries.ts';
import type { ReportDocument } from '#tlsrpt/report-json.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY, MORNING_MS } from './collected-days.ts';
import { makeDatagram } from './datagrams.ts';
import { FakeRecords } from './fake-records.ts';

export const GOOD = makeDatagram({
  domain: 'good.example',
  record: 'v=TLSRPTv1;rua=mailto:tls@good.example,https://good.example/r',
});
export const BAD = makeDatagram({
  domain: 'bad.example',
  failures: [{ code: 201 }],
  record: 'v=TLSRPTv1;rua=mailto:tls@bad.example',
});

/** Builds the reports about {@link DAY} as with the settings' defaults. */
export function ordinaryBuild({ store }: CollectedDays): Omit<BuildOptions, 'log'> {
  return {
    store,
    day: DAY,
    domains: [],
    partial: false,
    successOnly: 'send',
    mxHosts: true,
    loopGuard: true,
    records: new FakeRecords(),
    domainFailed: (problem) => {
      throw problem;
    },
    submitter: { organizationName: 'Sender', contactInfo: 'tlsrpt@sender.example' },
  };
}

export class Reporting {
  readonly days: CollectedDays;
  /** What all runs told. */
  readonly logged: LogEvent[] = [];
  /** What the last run came to. */
  last: ReportedDay | undefined;

  private constructor(days: CollectedDays) {
    this.days = days;
  }

  static async of(datagrams: readonly Buffer[], identity?: string): Promise<Reporting> {
    const days = await CollectedDays.make(identity);
    days.collect(datagrams);
    return new Reporting(days);
  }

  /** Returns what the outbox holds afterwards. */
  async run(options: Partial<ReportDayOptions> = {}): Promise<StoredReport[]> {
    this.last = await reportDay({
      ...ordinaryBuild(this.days),
      clock: { nowMs: () => MORNING_MS },
      keepDays: 30,
      spreadMs: 0,
      random: () => 0,
      log: (event) => this.logged.push(event),
      ...options,
    });
    return this.reports();
  }

  reports(): Promise<StoredReport[]> {
    return this.days.store.outboxes.withReports(DAY, (reports) => [...reports]);
  }

  startTransmission(reports: readonly StoredReport[]): void {
    const outbox = this.days.store.outboxes.open(DAY);
    outbox.startTransmission(reports.map(({ outgoing }) => outgoing.reportId));
    outbox.close();
  }

  deliveries(): readonly (readonly [destination: string, state: string, dueMs: number | undefined])[] {
    const { deliveries = [] } = this.days.store.outboxes.read(DAY) ?? {};
    return deliveries.map(({ destination, state, nextAttemptMs }) => [destination, state, nextAttemptMs]);
  }

  withheld(): readonly Withholding[] {
    return this.days.store.outboxes.read(DAY)?.withheld ?? [];
  }

  /** All deliveries of a day, as if at a certain moment. */
  deliver(day: UtcDay, atMs: number): void {
    const outbox = this.days.store.outboxes.open(day);
    for (const { reportId, destination } of outbox.deliveries()) {
      const times = { firstAttemptMs: atMs, lastAttemptMs: atMs, nextAttemptMs: undefined };
      outbox.noteResult({ reportId, destination, state: 'delivered', attempts: 1, lastResult: '250 Ok', ...times });
    }
    outbox.close();
  }

  eventNames(): string[] {
    return this.logged.map(({ name }) => name);
  }
}

export function documentsOf(reports: readonly StoredReport[]): ReportDocument[] {
  return reports.map(({ outgoing }) => JSON.parse(outgoing.document) as ReportDocument);
}

export function failuresIn(reports: readonly StoredReport[]): (number | undefined)[] {
  return documentsOf(reports).map(({ policies }) => policies[0]?.summary['total-failure-session-count']);
}
