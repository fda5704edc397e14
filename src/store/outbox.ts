/**
 * The reports about one UTC day, each with its deliveries: `outbox/DAY.sqlite`, the ledger of what was transmitted to whom.
 *
 * Every transaction is safe from loss of power when it returns. A report may be built anew until its transmission has
 * started; `startTransmission` notes that before the first byte leaves, so a receiver never gets two documents under one report-id. What turns up afterwards
 * goes into a supplement: a further report about the same subject.
 */
import { containFailure } from '#support/contain-failure.ts';
import { nonEmpty } from '#support/non-empty.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';
import { subjectOf } from '#tlsrpt/report.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import type { DatabaseContext } from './durable/database-file.ts';
import { DurableDatabase } from './durable/durable-database.ts';
import { GroupCommit } from './durable/group-commit.ts';
import type { Change } from './durable/changes.ts';
import { closedOnFailure } from './durable/sqlite.ts';
import type { Row } from './durable/sqlite.ts';
import { outboxKind } from './outbox-kind.ts';

/** A report as it was built, with the URIs of those who asked for it. */
export interface BuiltReport {
  readonly outgoing: OutgoingReport;
  readonly destinations: readonly string[];
}

/** What a report covers of all that there is to report to its addresses about a policy domain and a day. */
export interface Reported {
  /** The same for a report and its supplements. */
  readonly subject: string;
  /** 0 for the report, and up from 1 for its supplements. */
  readonly revision: number;
  /** The sessions in it, in the form in which `report` compares them with those of a later run. */
  readonly counts: string;
  /** The TLSRPT record that was looked up for it; undefined when the MTA had passed it on. */
  readonly lookedUpRecord: string | undefined;
}

export interface StoredReport extends BuiltReport {
  readonly reported: Reported;
  /** True from the first attempt to deliver it on: a receiver may have it. */
  readonly transmissionStarted: boolean;
}

export interface ReportToSave extends BuiltReport {
  /** Without it nothing is ever added to the report. */
  readonly reported?: Reported;
  /** When its deliveries are due. */
  readonly dueMs: number;
}

/** Why there is no report on a domain with which there were sessions. */
export type WithholdingReason = 'not-built' | 'only-report-mails' | 'record-unknown';

export interface Withheld {
  readonly why: WithholdingReason;
  /** What kept it from being built. */
  readonly detail?: string | undefined;
}

export interface Withholding extends Withheld {
  readonly policyDomain: string;
}

/** What changes about one policy domain. */
export interface DomainChanges {
  readonly policyDomain: string;
  readonly changes: readonly OutboxChange[];
}

export type OutboxChange =
  /** In place of a report about the same subject and revision. */
  | { readonly kind: 'save'; readonly report: ReportToSave }
  /** Takes back a report whose transmission has not started. */
  | { readonly kind: 'withdraw'; readonly reportId: string }
  | { readonly kind: 'withhold'; readonly withholding: Withholding }
  | { readonly kind: 'end-withholding'; readonly policyDomain: string };

export interface DeliveryResult {
  readonly reportId: string;
  readonly destination: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly firstAttemptMs: number | undefined;
  /** When the attempt was made that this is the result of; undefined when none was made. */
  readonly lastAttemptMs?: number | undefined;
  readonly lastResult: string;
  readonly nextAttemptMs: number | undefined;
}

/** As much of a delivery as it takes to decide when its turn comes. */
export interface WaitingDelivery extends Pick<Delivery, 'policyDomain' | 'destination' | 'state' | 'nextAttemptMs'> {
  /** By which the outbox finds it again. */
  readonly number: number;
}

const WAITING = "state IN ('queued', 'deferred')";
export const SELECT_WITHHELD = 'SELECT * FROM withheld ORDER BY policy_domain';
export const SELECT_DELIVERIES =
  'SELECT d.*, r.policy_domain, r.submitter_domain FROM deliveries d JOIN reports r USING (report_id)';

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
    this.#database.transact(reports.flatMap(saveReport));
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
    const isEmpty = this.countReports() === 0;
    this.#database.rewrite((make) => {
      for (const { policyDomain, changes } of some) {
        containFailure(
          () => {
            for (const change of changes) make(statementsOf(change, isEmpty));
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
      deliveries.map(({ reportId, destination }): Change => ['requeue-delivery', { reportId, destination, dueMs }]),
    );
  }

  report(reportId: string): StoredReport | undefined {
    const [row] = this.#database.all('SELECT * FROM reports WHERE report_id = :reportId', { reportId });
    return row && storedReportOf(row);
  }

  /** With their supplements. */
  reportsOn(policyDomain: string): StoredReport[] {
    return this.#database
      .all('SELECT * FROM reports WHERE policy_domain = :policyDomain ORDER BY report_id', { policyDomain })
      .map(storedReportOf);
  }

  countReports(): number {
    return Number(this.#database.all('SELECT count(*) AS reports FROM reports')[0]?.['reports']);
  }

  withheld(): Withholding[] {
    return this.#database.all(SELECT_WITHHELD).map(withholdingOf);
  }

  deliveries(): Delivery[] {
    return this.#database.all(`${SELECT_DELIVERIES} ORDER BY d.report_id, d.rowid`).map(deliveryOf);
  }

  /** Those that wait, in the order in which they were queued. Nothing may be changed before all are read. */
  *waitingDeliveries(): Generator<WaitingDelivery> {
    const sql = `SELECT d.rowid AS number, d.destination, d.state, d.next_attempt_ms, r.policy_domain
      FROM deliveries d JOIN reports r USING (report_id) WHERE ${WAITING} ORDER BY d.rowid`;
    for (const row of this.#database.each(sql)) yield waitingOf(row);
  }

  delivery(number: number): Delivery | undefined {
    return this.#database.all(`${SELECT_DELIVERIES} WHERE d.rowid = :number`, { number }).map(deliveryOf)[0];
  }

  /** Where reports went of which the first attempt was made since that time, once for each delivery. */
  destinationsSince(sinceMs: number): string[] {
    const sql = 'SELECT destination FROM deliveries WHERE last_attempt_ms >= :sinceMs AND first_attempt_ms >= :sinceMs';
    return this.#database.all(sql, { sinceMs }).map((row) => String(row['destination']));
  }

  /** How many deliveries wait, by policy domain. */
  countWaiting(): Map<string, number> {
    const sql = `SELECT r.policy_domain, count(*) AS deliveries FROM deliveries d JOIN reports r USING (report_id)
      WHERE ${WAITING} GROUP BY r.policy_domain`;
    return new Map(this.#database.all(sql).map((row) => [String(row['policy_domain']), Number(row['deliveries'])]));
  }

  reports(): Generator<StoredReport> {
    return readReports((sql) => this.#database.each(sql));
  }

  /** Folds the journal into the snapshot. */
  checkpoint(): void {
    this.#database.checkpoint();
  }

  close(): void {
    this.#database.close();
  }
}

function startChange(reportId: string): Change {
  return ['begin-handing-over', { reportId }];
}

function noteChange(result: DeliveryResult): Change {
  const { firstAttemptMs = null, lastAttemptMs = null, nextAttemptMs = null, ...rest } = result;
  return ['note-result', { ...rest, firstAttemptMs, lastAttemptMs, nextAttemptMs }];
}

/** In the order of their policy domains. */
export function* readReports(each: (sql: string) => Generator<Row>): Generator<StoredReport> {
  for (const row of each('SELECT * FROM reports ORDER BY policy_domain, report_id')) yield storedReportOf(row);
}

/** Where the outbox was empty, nothing has to make room. */
function statementsOf(change: OutboxChange, isEmpty: boolean): Change[] {
  switch (change.kind) {
    case 'save':
      return isEmpty ? addReport(change.report) : saveReport(change.report);
    case 'withdraw':
      return [
        ['remove-deliveries-of', { reportId: change.reportId }],
        ['remove-report', { reportId: change.reportId }],
      ];
    case 'withhold':
      return [withholdChange(change.withholding)];
    case 'end-withholding':
      return [['end-withholding', { policyDomain: change.policyDomain }]];
  }
}

function withholdChange({ policyDomain, why, detail }: Withholding): Change {
  return ['withhold', { policyDomain, why, detail: detail ?? null }];
}

/** A receiver may have what was transmitted, so that stays. */
function withholdAll(withholding: Withholding): Change[] {
  const { policyDomain } = withholding;
  return [
    ['remove-deliveries-on', { policyDomain }],
    ['remove-reports-on', { policyDomain }],
    withholdChange(withholding),
  ];
}

function saveReport(report: ReportToSave): Change[] {
  const { subject, revision } = report.reported ?? withoutCounts(report.outgoing.reportId);
  return [
    ['remove-deliveries-about', { subject, revision }],
    ['remove-report-about', { subject, revision }],
    ...addReport(report),
  ];
}

function addReport({ outgoing, destinations, dueMs, reported }: ReportToSave): Change[] {
  const { reportId } = outgoing;
  const { subject, revision, counts, lookedUpRecord = null } = reported ?? withoutCounts(reportId);
  return [
    [
      'save-report',
      { ...outgoing, destinations: JSON.stringify(destinations), subject, revision, told: counts, lookedUpRecord },
    ],
    ...destinations.map((destination): Change => ['queue-delivery', { reportId, destination, dueMs }]),
  ];
}

function withoutCounts(reportId: string): Reported {
  return { subject: subjectOf(reportId), revision: 0, counts: '', lookedUpRecord: undefined };
}

export function storedReportOf(row: Row): StoredReport {
  return {
    outgoing: {
      reportId: String(row['report_id']),
      policyDomain: String(row['policy_domain']),
      submitterDomain: String(row['submitter_domain']),
      fileName: String(row['file_name']),
      document: String(row['document']),
      summary: String(row['summary']),
    },
    destinations: JSON.parse(String(row['destinations'])) as string[],
    reported: {
      subject: String(row['subject']),
      revision: Number(row['revision']),
      counts: String(row['told']),
      lookedUpRecord: optionalText(row['looked_up_record']),
    },
    transmissionStarted: row['handed_over'] === 1,
  };
}

export function deliveryOf(row: Row): Delivery {
  return {
    reportId: String(row['report_id']),
    policyDomain: String(row['policy_domain']),
    submitterDomain: String(row['submitter_domain']),
    destination: String(row['destination']),
    state: row['state'] as DeliveryState,
    attempts: Number(row['attempts']),
    firstAttemptMs: optionalNumber(row['first_attempt_ms']),
    lastResult: optionalText(row['last_result']),
    nextAttemptMs: optionalNumber(row['next_attempt_ms']),
  };
}

function waitingOf(row: Row): WaitingDelivery {
  return {
    number: Number(row['number']),
    policyDomain: String(row['policy_domain']),
    destination: String(row['destination']),
    state: row['state'] as DeliveryState,
    nextAttemptMs: optionalNumber(row['next_attempt_ms']),
  };
}

export function withholdingOf(row: Row): Withholding {
  const detail = optionalText(row['detail']);
  const withheld = { policyDomain: String(row['policy_domain']), why: row['why'] as WithholdingReason };
  return detail === undefined ? withheld : { ...withheld, detail };
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function optionalNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
