/**
 * Reports of others as CSV (RFC 4180): a row for each failure, and one for each policy without any, so that no policy is missing.
 *
 * The counts of a policy stand in each of its rows: they are for looking up, not for adding up.
 */
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import type { InboundFailure, InboundPolicy } from '#tlsrpt/inbound-report.ts';
import { csvRow } from './csv-row.ts';
import type { Cell } from './csv-row.ts';
import { timeJson } from './inbound-period.ts';

type ReadReport = Extract<InboundReading, { kind: 'report' }>;
const columns = [
  ...['source', 'organization', 'contact', 'reportId', 'start', 'end'],
  ...['policyType', 'policyDomain', 'successful', 'failed'],
  ...['resultType', 'sessions', 'sendingMtaIp', 'receivingMxHostname', 'receivingMxHelo', 'receivingIp'],
  ...['reasonCode', 'additionalInformation'],
];

export const inboundCsvHeader = csvRow(columns);

export function inboundCsv(reading: ReadReport): string {
  return rowsOf(reading).map(csvRow).join('');
}

function rowsOf({ source, report }: ReadReport): Cell[][] {
  const { organization, contact, reportId, startMs, endMs, policies } = report;
  const head = [source, organization, contact, reportId, timeJson(startMs), timeJson(endMs)];
  return policies.flatMap((policy) => policyRows(policy).map((row) => [...head, ...row]));
}

function policyRows({ type, domain, successful, failed, failures }: InboundPolicy): Cell[][] {
  const head = [type, domain, successful, failed];
  return failures.length === 0
    ? [[...head, ...noFailure]]
    : failures.map((failure) => [...head, ...failureCells(failure)]);
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
