/**
 * What others than its writer read of a day's outbox: reports to show, deliveries, and what earlier runs settled. Takes no lock.
 *
 * Problems: store-damaged, store-wrong-schema, store-not-readable.
 */
import type { Delivery } from '#tlsrpt/delivery.ts';
import { databasePaths, readDatabase } from '../durable/database-file.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import type { Parameters, Row, SqliteDatabase } from '../durable/sqlite.ts';
import { deliverySumsOf } from './delivery-sums.ts';
import type { DeliverySums } from './delivery-sums.ts';
import { undeliveredSumsOf } from './delivery-reasons.ts';
import type { UndeliveredSums } from './delivery-reasons.ts';
import {
  deliveryOf,
  numberedDeliveryOf,
  readReports,
  SELECT_DELIVERIES,
  SELECT_DELIVERIES_ON,
  SELECT_REPORTS,
  SELECT_WITHHELD,
  storedReportOf,
  withholdingOf,
} from './outbox-rows.ts';
import { outboxKind } from './outbox-kind.ts';
import type { NumberedDelivery, StoredReport, Withholding } from './outbox-entries.ts';

export interface OutboxContent {
  readonly reports: readonly { readonly reportId: string; readonly policyDomain: string }[];
  readonly deliveries: readonly Delivery[];
  readonly withheld: readonly Withholding[];
}

/** What anyone may see of a day's outbox, also while it is being worked on; undefined when there is none. */
export function readOutbox(context: DatabaseContext, stem: string): OutboxContent | undefined {
  return fromOutbox(context, stem, (database) => ({
    reports: database
      .all('SELECT report_id, policy_domain FROM reports ORDER BY policy_domain, report_id')
      .map((row) => ({ reportId: String(row['report_id']), policyDomain: String(row['policy_domain']) })),
    deliveries: database.all(`${SELECT_DELIVERIES} ORDER BY r.policy_domain, r.report_id, d.number`).map(deliveryOf),
    withheld: database.all(SELECT_WITHHELD).map(withholdingOf),
  }));
}

/** The same in a few numbers. */
export function readDeliverySums(context: DatabaseContext, stem: string, nowMs: number): DeliverySums | undefined {
  return fromOutbox(context, stem, (database) => deliverySumsOf(database, nowMs));
}

/** Its numbers, and what is not delivered: `most` of each. */
export function readDeliveryOverview(
  context: DatabaseContext,
  stem: string,
  { nowMs, most }: OverviewOptions,
): DeliveryOverview | undefined {
  return fromOutbox(context, stem, (database) => ({
    ...deliverySumsOf(database, nowMs),
    undelivered: undeliveredSumsOf(database, most),
  }));
}

export interface OverviewOptions {
  readonly nowMs: number;
  readonly most: number;
}

export interface DeliveryOverview extends DeliverySums {
  readonly undelivered: UndeliveredSums;
}

/** The deliveries of the reports on one domain, of `most` of them. */
export function readDeliveriesOn(
  context: DatabaseContext,
  stem: string,
  policyDomain: string,
  most: number,
): Delivery[] {
  const sql = `${SELECT_DELIVERIES_ON} LIMIT :most`;
  return fromOutbox(context, stem, (database) => database.all(sql, { policyDomain, most }).map(deliveryOf)) ?? [];
}

/** One report with its deliveries, also while the day is being worked on; undefined when the day has no such report. */
export function readReport(
  context: DatabaseContext,
  stem: string,
  reportId: string,
): { report: StoredReport; deliveries: Delivery[] } | undefined {
  return fromOutbox(context, stem, (database) => {
    const [row] = database.all(`${SELECT_REPORTS} WHERE report_id = :reportId`, { reportId });
    const ofReport = `${SELECT_DELIVERIES} WHERE r.report_id = :reportId ORDER BY d.number`;
    return row && { report: storedReportOf(row), deliveries: database.all(ofReport, { reportId }).map(deliveryOf) };
  });
}

/** What may be looked for: deliveries by their numbers, and all of the reports of which the report-ids are known. */
export interface SoughtDeliveries {
  readonly numbers: readonly number[];
  readonly reportIds: readonly string[];
}

/** Those that there are; none when there is no outbox. */
export function findDeliveries(
  context: DatabaseContext,
  stem: string,
  { numbers, reportIds }: SoughtDeliveries,
): NumberedDelivery[] {
  const [byNumber, byReport] = [
    `${SELECT_DELIVERIES} WHERE d.number = :number`,
    `${SELECT_DELIVERIES} WHERE r.report_id = :reportId`,
  ];
  const found = fromOutbox(context, stem, (database) => [
    ...numbers.flatMap((number) => database.all(byNumber, { number })),
    ...reportIds.flatMap((reportId) => database.all(byReport, { reportId })),
  ]);
  return (found ?? []).map(numberedDeliveryOf);
}

/** The reports of a day, to be gone through as often as `use` likes, for as long as it runs; none when there is no outbox. */
export async function withReports<T>(
  context: DatabaseContext,
  stem: string,
  use: (reports: Iterable<StoredReport>) => T | Promise<T>,
): Promise<T> {
  const content = readDatabase(context, databasePaths(stem), outboxKind);
  if (!content) return use([]);
  const { database } = content;
  try {
    return await use({ [Symbol.iterator]: () => readReports((sql) => database.each(sql)) });
  } finally {
    database.close();
  }
}

/** The records that were looked up for reports whose transmission has started, one after the other: they may be many, and long. */
export function eachLookedUpRecord(
  context: DatabaseContext,
  stem: string,
  use: (policyDomain: string, record: string) => void,
): void {
  const sql = `SELECT policy_domain, looked_up_record FROM reports
    WHERE transmission_started = 1 AND looked_up_record IS NOT NULL ORDER BY number`;
  fromOutbox(context, stem, (database) => {
    for (const row of database.each(sql)) use(String(row['policy_domain']), String(row['looked_up_record']));
  });
}

/** Where reports were delivered, or given to our mail server and came back, between two moments, once for each delivery. */
export function readDeliveredTo(context: DatabaseContext, stem: string, fromMs: number, untilMs: number): string[] {
  const sql = `SELECT destination FROM deliveries
    WHERE last_attempt_ms >= :fromMs AND last_attempt_ms < :untilMs AND state IN ('delivered', 'bounced')`;
  return readRows(context, stem, sql, { fromMs, untilMs }).map((row) => String(row['destination']));
}

function readRows(context: DatabaseContext, stem: string, sql: string, parameters?: Parameters): Row[] {
  return fromOutbox(context, stem, (database) => database.all(sql, parameters)) ?? [];
}

/** Undefined when there is no outbox. */
function fromOutbox<T>(context: DatabaseContext, stem: string, read: (database: SqliteDatabase) => T): T | undefined {
  const content = readDatabase(context, databasePaths(stem), outboxKind);
  if (!content) return undefined;
  try {
    return read(content.database);
  } finally {
    content.database.close();
  }
}
