/**
 * Reports of others as CSV (RFC 4180): a row for each failure, and one for each policy without any, so that no policy is missing.
 *
 * The counts of a policy stand in each of its rows: they are for looking up, not for adding up.
 */
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import type { InboundFailure, InboundPolicy } from '#tlsrpt/inbound-report.ts';
import { timeJson } from './inbound-period.ts';
import { withoutControls } from './log-writer.ts';

type ReadReport = Extract<InboundReading, { kind: 'report' }>;
type Cell = string | number | null | undefined;

/** A spreadsheet takes what begins so for a formula, which may call programs. */
const FORMULA = /^[=+\-@]/;
/** Some begin a new cell at a semicolon, which would begin with what follows. */
const SEPARATOR = /[",;]/;

const columns = [
  ...['source', 'organization', 'contact', 'reportId', 'start', 'end'],
  ...['policyType', 'policyDomain', 'successful', 'failed'],
  ...['resultType', 'sessions', 'sendingMtaIp', 'receivingMxHostname', 'receivingMxHelo', 'receivingIp'],
  ...['reasonCode', 'additionalInformation'],
];

export const inboundCsvHeader = rowText(columns);

export function inboundCsv(reading: ReadReport): string {
  return rowsOf(reading).map(rowText).join('');
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

function rowText(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  const text = withoutControls(String(cell ?? ''));
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return SEPARATOR.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
