/**
 * Reports of others for people: a line for each that has nothing but successes, a table of the failures for each other one.
 *
 * All of it is foreign, so it is cut, and nothing that is not to be seen is in it.
 */
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import type { InboundFailure, InboundPolicy, InboundReport } from '#tlsrpt/inbound-report.ts';
import { hasFailures } from '#tlsrpt/inbound-report.ts';
import { remarkMeanings } from '#tlsrpt/inbound-remark.ts';
import type { Remark } from '#tlsrpt/inbound-remark.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import { periodText } from './inbound-period.ts';
import type { Paint } from './paint.ts';

const MAX_NAME_LENGTH = 60;
/** A path has no more (PATH_MAX). */
const MAX_SOURCE_LENGTH = 4_096;
const MAX_REASON_LENGTH = 300;
const MOST_POLICIES = 20;
const MOST_FAILURES = 50;
const FIRST_COLUMN = 'failures  ';
const INDENT = ' '.repeat(FIRST_COLUMN.length);

export type ShownReport = Pick<Extract<InboundReading, { kind: 'report' }>, 'source' | 'report' | 'verification'>;

export interface TextOptions {
  readonly paint: Paint;
  /** Whether remarks are shown. */
  readonly withRemarks: boolean;
}

export function inboundText(
  { source, report, verification }: ShownReport,
  { paint, withRemarks }: TextOptions,
): string {
  const isFailing = hasFailures(report);
  const lines = isFailing ? failingLines(source, report) : wellLines(report);
  const [state, meaning] = isFailing ? (['failures', 'bad'] as const) : (['ok', 'good'] as const);
  const first = `${paint(meaning, state)}${' '.repeat(FIRST_COLUMN.length - state.length)}`;
  const remarks = [
    ...senderLines(verification, withRemarks),
    ...(withRemarks ? report.remarks.flatMap(remarkLines) : []),
  ];
  const from =
    !isFailing && remarks.length > 0 ? wrapText(`in ${showForeign(source, MAX_SOURCE_LENGTH)}`, INDENTS) : [];
  return `${first}${[...lines, ...from, ...remarks].join('\n').slice(INDENT.length)}\n`;
}

const INDENTS = { first: INDENT, others: INDENT };

function wellLines(report: InboundReport): string[] {
  const counts = report.policies
    .slice(0, MOST_POLICIES)
    .map(({ type, successful }) => `${shown(type)} ${String(successful)}`);
  return wrapText(
    `${headOf(report)}: ${counts.join(', ') || 'no sessions'}${more(report.policies.length - MOST_POLICIES)}`,
    INDENTS,
  );
}

function failingLines(source: string, report: InboundReport): string[] {
  const { reportId, contact, policies } = report;
  return [
    ...wrapText(headOf(report), INDENTS),
    ...wrapText(`report-id ${shown(reportId ?? 'missing')}, contact ${shown(contact ?? 'missing')}`, INDENTS),
    ...wrapText(`in ${showForeign(source, MAX_SOURCE_LENGTH)}`, INDENTS),
    ...policies.slice(0, MOST_POLICIES).flatMap(policyLines),
    ...moreLines(policies.length - MOST_POLICIES, 'policies'),
  ];
}

function headOf(report: InboundReport): string {
  const domains = [...new Set(report.policies.map(({ domain }) => domain).filter((domain) => domain !== ''))];
  const about =
    domains.length === 0 ? '' : ` about ${domains.slice(0, 3).map(shown).join(', ')}${more(domains.length - 3)}`;
  return `${periodText(report)}  ${shown(report.organization ?? 'an unnamed sender')}${about}`;
}

/** The most frequent failures first. */
function policyLines({ type, domain, successful, failed, failures }: InboundPolicy): string[] {
  const name = `${shown(type) || 'a policy'} of ${shown(domain) || 'an unnamed domain'}`;
  const counts = `${String(successful)} ${successful === 1 ? 'session' : 'sessions'} succeeded, ${String(failed)} failed`;
  const sorted = [...failures].sort((a, b) => b.sessions - a.sessions);
  return [
    ...wrapText(`${name}: ${counts}`, { first: '  ', others: INDENT }),
    ...sorted.slice(0, MOST_FAILURES).flatMap(failureLines),
    ...moreLines(failures.length - MOST_FAILURES, 'failures'),
  ];
}

function failureLines(failure: InboundFailure): string[] {
  const { resultType, sessions, receivingMxHostname, receivingMxHelo, reasonCode, additionalInformation } = failure;
  const host = receivingMxHostname ?? receivingMxHelo;
  const first = `${String(sessions).padStart(INDENT.length - 2)}  `;
  const at = host === undefined ? '' : `  at ${shown(host)}`;
  return [
    ...wrapText(`${shown(resultType) || 'no result type'}${at}`, { first, others: INDENT }),
    ...addressLines(failure),
    ...(reasonCode === undefined ? [] : wrapText(`reason: ${showForeign(reasonCode, MAX_REASON_LENGTH)}`, DEEPER)),
    ...(additionalInformation === undefined
      ? []
      : wrapText(`see also: ${showForeign(additionalInformation, MAX_REASON_LENGTH)}`, DEEPER)),
  ];
}

const DEEPER = { first: `${INDENT}  `, others: `${INDENT}    ` };

function addressLines({ sendingMtaIp, receivingIp }: InboundFailure): string[] {
  const from = sendingMtaIp === undefined ? [] : [`from ${shown(sendingMtaIp)}`];
  const to = receivingIp === undefined ? [] : [`to ${shown(receivingIp)}`];
  return from.length + to.length === 0 ? [] : wrapText([...from, ...to].join(' '), DEEPER);
}

/** Nothing of a report that did not come by mail, and of the others only what is suspicious, unless remarks are wanted. */
function senderLines({ method, result, why }: Verification, withRemarks: boolean): string[] {
  if (result === 'fail' || (withRemarks && method !== 'none'))
    return wrapText(
      `sender ${result === 'pass' ? 'verified' : 'not verified'}: ${showForeign(why, MAX_REASON_LENGTH)}`,
      INDENTS,
    );
  return [];
}

function remarkLines({ code, where, count }: Remark): string[] {
  const place = where === '' ? '' : ` (${where}${count > 1 ? `, and ${String(count - 1)} more` : ''})`;
  return wrapText(`remark ${code}: ${remarkMeanings[code]}${place}`, { first: INDENT, others: `${INDENT}  ` });
}

function shown(text: string): string {
  return showForeign(text, MAX_NAME_LENGTH);
}

function more(count: number): string {
  return count > 0 ? ` and ${String(count)} more` : '';
}

function moreLines(count: number, what: string): string[] {
  return count > 0 ? [`${INDENT}and ${String(count)} more ${what}`] : [];
}
