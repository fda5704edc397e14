/**
 * Reports of others as CSV (RFC 4180): a row for each failure, and one for each policy without any, so that no policy is missing.
 *
 * The counts of a policy stand in each of its rows: they are for looking up, not for adding up.
 */
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { csvRow } from '#support/csv-row.ts';
import type { Cell } from '#support/csv-row.ts';
import type { InboundFailure } from '#tlsrpt/inbound-report.ts';
import { timeJson } from './inbound-period.ts';

type ReadReport = Extract<InboundReading, { kind: 'report' }>;

/** Each portion is a call of the system. */
const PORTION_LENGTH = 65_536;

const columns = [
  ...['source', 'organization', 'contact', 'reportId', 'start', 'end'],
  ...['policyType', 'policyDomain', 'successful', 'failed'],
  ...['resultType', 'sessions', 'sendingMtaIp', 'receivingMxHostname', 'receivingMxHelo', 'receivingIp'],
  ...['reasonCode', 'additionalInformation'],
  ...['verificationMethod', 'verificationResult', 'verificationDomain', 'verificationSelector', 'verificationWhy'],
];

export const inboundCsvHeader = csvRow(columns);

/** Some rows at a time, as there may be many. */
export function* inboundCsv(reading: ReadReport): Generator<string> {
  let rows = '';
  for (const row of rowsOf(reading)) {
    rows += csvRow(row);
    if (rows.length < PORTION_LENGTH) continue;
    yield rows;
    rows = '';
  }
  if (rows !== '') yield rows;
}

function* rowsOf({ source, report, verification }: ReadReport): Generator<Cell[]> {
  const { organization, contact, reportId, startMs, endMs, policies } = report;
  const head = [source, organization, contact, reportId, timeJson(startMs), timeJson(endMs)];
  const { method, result, domain: signer, selector, why } = verification;
  const tail = [method, result, signer, selector, why];
  for (const { type, domain, successful, failed, failures } of policies) {
    const of = [...head, type, domain, successful, failed];
    if (failures.length === 0) yield [...of, ...noFailure, ...tail];
    for (const failure of failures) yield [...of, ...failureCells(failure), ...tail];
  }
}

const noFailure: readonly Cell[] = Array.from({ length: 8 }, () => undefined);

function failureCells(failure: InboundFailure): Cell[] {
  return [
    failure.resultType,
    failure.sessions,
    failure.sendingMtaIp,
    failure.receivingMxHostname,
    failure.receivingMxHelo,
    failure.receivingIp,
    failure.reasonCode,
    failure.additionalInformation,
  ];
}
