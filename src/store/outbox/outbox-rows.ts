/**
 * What the rows of a day's outbox say, for whoever reads them.
 */
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import type { Row } from '../durable/sqlite.ts';
import type {
  NumberedDelivery,
  StoredReport,
  WaitingDelivery,
  Withholding,
  WithholdingReason,
} from './outbox-entries.ts';
import { unpackTexts } from './report-content.ts';
import type { PackedAgainst } from './report-content.ts';
import { reportDigest } from './report-digest.ts';
import { damagedReport } from '../store-problem.ts';

export const SELECT_WITHHELD = 'SELECT * FROM withheld ORDER BY policy_domain';
export const DELIVERIES_OF_REPORTS = 'deliveries d JOIN reports r ON r.number = d.report';
export const SELECT_DELIVERIES = `SELECT d.*, r.report_id, r.policy_domain, r.submitter_domain FROM ${DELIVERIES_OF_REPORTS}`;
export const SELECT_DELIVERIES_ON = `${SELECT_DELIVERIES} WHERE r.policy_domain = :policyDomain ORDER BY r.report_id, d.number`;
/** Each is delivered to all of its destinations, so they are kept there. */
export const SELECT_REPORTS = `SELECT r.*, (SELECT json_group_array(CAST(destination AS TEXT)) FROM
  (SELECT destination FROM deliveries WHERE report = r.number ORDER BY number)) AS destinations FROM reports r`;

/** In the order of their policy domains. */
export function* readReports(each: (sql: string) => Generator<Row>): Generator<StoredReport> {
  for (const row of each(`${SELECT_REPORTS} ORDER BY policy_domain, report_id`)) yield storedReportOf(row);
}

/** Throws for one that is not what was written, which says nothing about the others. What an earlier version wrote has no digest. */
export function storedReportOf(row: Row): StoredReport {
  const digest = optionalNumber(row['digest']);
  const report = reportOf(row, digest === undefined ? 'common-text' : 'common-text-and-id');
  if (digest !== undefined && digest !== reportDigest(report))
    throw damagedReport(report.outgoing.reportId, 'it is not what was written');
  return report;
}

function reportOf(row: Row, packedAgainst: PackedAgainst): StoredReport {
  const reportId = String(row['report_id']);
  const { subject, document, fileName, counts, summary } = unpackTexts(reportId, row['content'], packedAgainst);
  const [policyDomain, submitterDomain] = [String(row['policy_domain']), String(row['submitter_domain'])];
  return {
    outgoing: { reportId, policyDomain, submitterDomain, fileName, document, summary },
    destinations: JSON.parse(String(row['destinations'])) as string[],
    reported: {
      subject,
      revision: Number(row['revision']),
      counts,
      lookedUpRecord: optionalText(row['looked_up_record']),
    },
    transmissionStarted: row['transmission_started'] === 1,
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
    lastAttemptMs: optionalNumber(row['last_attempt_ms']),
    lastResult: optionalText(row['last_result']),
    nextAttemptMs: optionalNumber(row['next_attempt_ms']),
  };
}

export function numberedDeliveryOf(row: Row): NumberedDelivery {
  return { ...deliveryOf(row), number: Number(row['number']) };
}

export function waitingOf(row: Row): WaitingDelivery {
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
