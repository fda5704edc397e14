/**
 * The reports about one UTC day, each with its deliveries: `outbox/DAY.sqlite`, the ledger of what was transmitted to whom.
 *
 * Every transaction is safe from loss of power when it returns. A report may be built anew until its transmission has
 * started; `startTransmission` notes that before the first byte leaves, so a receiver never gets two documents under one report-id. What turns up afterwards
 * goes into a supplement: a further report about the same subject.
 */
import { containFailure } from '#support/contain-failure.ts';
import { nonEmpty } from '#support/non-empty.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { Change } from '../durable/changes.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import { DurableDatabase } from '../durable/durable-database.ts';
import { GroupCommit } from '../durable/group-commit.ts';
import { closedOnFailure } from '../durable/sqlite.ts';
import type {
  AdoptedEntry,
  BuiltReport,
  StoredReport,
  ReportToSave,
  ReturnedDelivery,
  UnsentReports,
  Withheld,
  Withholding,
  DomainChanges,
  DeliveryResult,
  WaitingDelivery,
} from './outbox-entries.ts';
import { outboxKind } from './outbox-kind.ts';
import {
  DELIVERIES_OF_REPORTS,
  deliveryOf,
  readReports,
  SELECT_DELIVERIES,
  SELECT_DELIVERIES_ON,
  SELECT_REPORTS,
  SELECT_WITHHELD,
  storedReportOf,
  waitingOf,
  withholdingOf,
} from './outbox-rows.ts';
import { reportDigest, reportedOf } from './report-digest.ts';
import {
  noteChange,
  removeUnsent,
  requeueChange,
  saveReport,
  startChange,
  statementsOf,
  withholdAll,
} from './outbox-statements.ts';

/** Of one delivery: whoever it goes to can write any number. */
const MOST_BOUNCES = 100;
const WAITING = "state IN ('queued', 'deferred')";

export class Outbox {
  readonly #database: DurableDatabase;
  readonly #commits: GroupCommit;

  private constructor(database: DurableDatabase) {
    this.#database = database;
    this.#commits = new GroupCommit((changes) => database.transactLater(changes));
  }

  static open(context: DatabaseContext, stem: string, day: UtcDay): Outbox {
    const database = DurableDatabase.open({ ...context, stem, kind: outboxKind });
    return closedOnFailure(database, () => {
      if (database.all('SELECT day FROM day').length === 0) database.transact([['begin-day', { day }]]);
      return new Outbox(database);
    });
  }

  /** Adds reports, in place of those about the same whose transmission has not started, all in one transaction. */
  save(reports: readonly ReportToSave[]): void {
    this.#database.transact(reports.flatMap((report) => saveReport(report, this.#reportLike(report))));
  }

  /** Adds reports that another program built, with what became of their deliveries, as if they had been transmitted from here. */
  adopt(reports: readonly AdoptedEntry[]): void {
    this.#database.transact(
      reports.flatMap(({ report, results, due }) => [
        ...saveReport(report, undefined),
        startChange(report.outgoing.reportId),
        ...results.map(noteChange),
        ...due.map((delivery) => requeueChange({ reportId: report.outgoing.reportId, ...delivery })),
      ]),
    );
  }

  /**
   * Brings in what another reporter has made known of reports that both may have built: they count as transmitted from then on, with what became of their
   * deliveries. Returns the domains on which it was not what is here; of what is here on them, only what was transmitted stays.
   */
  takeOver(reports: readonly AdoptedEntry[]): Set<string> {
    const differing = new Set<string>();
    const changes = reports.flatMap(({ report, results }) => {
      const { reportId, policyDomain } = report.outgoing;
      const isHere = this.#has(report, differing);
      if (!isHere) differing.add(policyDomain);
      return [
        ...(isHere ? [] : [...removeUnsent(policyDomain), ...saveReport(report, undefined)]),
        startChange(reportId),
        ...results.map(noteChange),
      ];
    });
    this.#database.transact(changes);
    return differing;
  }

  /** True for a report that is here as it is, or that is transmitted already. `removed`: domains on which nothing else is left. */
  #has(report: ReportToSave, removed: ReadonlySet<string>): boolean {
    const { reportId, policyDomain } = report.outgoing;
    const sql = 'SELECT digest, transmission_started FROM reports WHERE report_id = :reportId';
    const [row] = this.#database.all(sql, { reportId });
    if (row?.['transmission_started'] === 1) return true;
    return row?.['digest'] === reportDigest(report) && !removed.has(policyDomain);
  }

  /**
   * All of the changes or none, however many, one domain after the other; returns their number. What `domains` sees of the outbox is how
   * it was before. Leaves one file, without anything in the journal.
   *
   * Changes that cannot be stored, since a report has the report-id of another, leave nothing of their domain but what `refused` makes of it.
   */
  replaceReports(
    domains: Iterable<DomainChanges>,
    refused: (policyDomain: string, failure: unknown) => Withheld,
  ): number {
    const some = nonEmpty(domains);
    let count = 0;
    if (!some) return count;
    this.#database.rewrite((make) => {
      for (const { policyDomain, changes } of some) {
        containFailure(
          () => {
            for (const change of changes) make(statementsOf(change));
          },
          (failure) => {
            make(withholdAll({ policyDomain, ...refused(policyDomain, failure) }));
          },
        );
        count += changes.length;
      }
    });
    return count;
  }

  startTransmission(reportIds: Iterable<string>): void {
    this.#database.transact([...reportIds].map(startChange));
  }

  /** The same, together with whatever else comes at that time. Only what ends in `Later` may be called before it resolves, or what reads. */
  startTransmissionLater(reportId: string): Promise<void> {
    return this.#commits.put([startChange(reportId)]);
  }

  noteResult(result: DeliveryResult): void {
    this.noteResults([result]);
  }

  noteResults(results: readonly DeliveryResult[]): void {
    this.#database.transact(results.map(noteChange));
  }

  /** The same, as `startTransmissionLater`. */
  noteResultLater(result: DeliveryResult): Promise<void> {
    return this.#commits.put([noteChange(result)]);
  }

  /** Has them begin anew, with the 24 hours of RFC 8460 5.5 before them. What the receiver last said stays. */
  requeue(deliveries: readonly Pick<Delivery, 'reportId' | 'destination'>[], dueMs: number): void {
    this.#database.transact(
      deliveries.map(({ reportId, destination }) => requeueChange({ reportId, destination, dueMs })),
    );
  }

  /**
   * Notes that a mail came back, once for each bounce: what was delivered, or failed for now, is `bounced` then. False for a bounce that was
   * noted before, and where nothing is to be changed.
   */
  noteBounce({ number, digest, words }: ReturnedDelivery): boolean {
    const noted = this.#database.all('SELECT digest FROM bounces WHERE delivery = :number', { number });
    const isKnown = noted.some((row) => row['digest'] === digest) || noted.length >= MOST_BOUNCES;
    const state = this.delivery(number)?.state;
    if (isKnown || state === undefined) return false;
    const isReturned = state === 'delivered' || state === 'deferred';
    const changes: Change[] = [['note-bounce', { digest, number }]];
    this.#database.transact(isReturned ? [...changes, ['bounce-delivery', { number, words }]] : changes);
    return isReturned;
  }

  report(reportId: string): StoredReport | undefined {
    const [row] = this.#database.all(`${SELECT_REPORTS} WHERE report_id = :reportId`, { reportId });
    return row && storedReportOf(row);
  }

  /** With their supplements. */
  reportsOn(policyDomain: string): StoredReport[] {
    return this.#database
      .all(`${SELECT_REPORTS} WHERE policy_domain = :policyDomain ORDER BY report_id`, { policyDomain })
      .map(storedReportOf);
  }

  /** Undefined when it takes the reports themselves to tell what is in them: one is being transmitted, or an earlier version wrote it. */
  unsentOn(policyDomain: string): UnsentReports | undefined {
    const sql = 'SELECT digest, transmission_started FROM reports WHERE policy_domain = :policyDomain';
    const rows = this.#database.all(sql, { policyDomain });
    if (rows.some((row) => row['digest'] === null || row['transmission_started'] !== 0)) return undefined;
    const digests = new Set(rows.map((row) => row['digest']));
    const isThere = (report: BuiltReport): boolean => digests.has(reportDigest(report));
    return { areJust: (reports) => reports.length === rows.length && reports.every(isThere) };
  }

  /** Domains with a report whose transmission has not started, in order. */
  unsentDomains(): string[] {
    const sql = 'SELECT DISTINCT policy_domain FROM reports WHERE transmission_started = 0 ORDER BY policy_domain';
    return this.#database.all(sql).map((row) => String(row['policy_domain']));
  }

  countReports(): number {
    return Number(this.#database.all('SELECT count(*) AS reports FROM reports')[0]?.['reports']);
  }

  withheld(): Withholding[] {
    return this.#database.all(SELECT_WITHHELD).map(withholdingOf);
  }

  deliveries(): Delivery[] {
    return this.#database.all(`${SELECT_DELIVERIES} ORDER BY r.report_id, d.number`).map(deliveryOf);
  }

  deliveriesOn(policyDomain: string): Delivery[] {
    return this.#database.all(SELECT_DELIVERIES_ON, { policyDomain }).map(deliveryOf);
  }

  /** Those that wait, in the order in which they were queued. Nothing may be changed before all are read. */
  *waitingDeliveries(): Generator<WaitingDelivery> {
    const sql = `SELECT d.number, d.destination, d.state, d.next_attempt_ms, r.policy_domain
      FROM ${DELIVERIES_OF_REPORTS} WHERE ${WAITING} ORDER BY d.number`;
    for (const row of this.#database.each(sql)) yield waitingOf(row);
  }

  delivery(number: number): Delivery | undefined {
    const [row] = this.#database.all(`${SELECT_DELIVERIES} WHERE d.number = :number`, { number });
    return row && deliveryOf(row);
  }

  /** What the delivery with that number is of. Throws for one that is damaged, which says nothing about the others. */
  reportToDeliver(number: number): StoredReport | undefined {
    const sql = `${SELECT_REPORTS} WHERE number = (SELECT report FROM deliveries WHERE number = :number)`;
    const [row] = this.#database.all(sql, { number });
    return row && storedReportOf(row);
  }

  /** Where reports went of which the first attempt was made since that time, once for each delivery. */
  destinationsSince(sinceMs: number): string[] {
    const sql = 'SELECT destination FROM deliveries WHERE last_attempt_ms >= :sinceMs AND first_attempt_ms >= :sinceMs';
    return this.#database.all(sql, { sinceMs }).map((row) => String(row['destination']));
  }

  /** How many deliveries wait, by policy domain. */
  countWaiting(): Map<string, number> {
    const sql = `SELECT r.policy_domain, count(*) AS deliveries FROM ${DELIVERIES_OF_REPORTS}
      WHERE ${WAITING} GROUP BY r.policy_domain`;
    return new Map(this.#database.all(sql).map((row) => [String(row['policy_domain']), Number(row['deliveries'])]));
  }

  reports(): Generator<StoredReport> {
    return readReports((sql) => this.#database.each(sql));
  }

  /** The report-id of the one about the same subject with the same revision. */
  #reportLike(report: ReportToSave): string | undefined {
    const { subject, revision } = reportedOf(report);
    const about = this.reportsOn(report.outgoing.policyDomain);
    return about.find(({ reported }) => reported.subject === subject && reported.revision === revision)?.outgoing
      .reportId;
  }

  /** Folds the journal into the snapshot. */
  checkpoint(): void {
    this.#database.checkpoint();
  }

  close(): void {
    this.#database.close();
  }
}
