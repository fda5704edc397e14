/**
 * What the mail filter puts into the text of a mail with reports: for people, and for programs that pick the sending addresses out of it.
 *
 * For each policy with details there is a line `TYPE failure`, and for each of them a line `sending-mta-ip: ADDRESS` with nothing else on it,
 * which only an address ever stands on. All other foreign words are indented or behind words of ours: no line can begin with what a stranger wrote.
 */
import type { SentReport } from '#pipeline/read/read-mail.ts';
import type { InboundFailure, InboundPolicy, InboundReport } from '#tlsrpt/inbound-report.ts';
import { canonicalIp } from '#tlsrpt/ip-address.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import { readPolicyType } from '#tlsrpt/policy-type.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import { periodText } from './inbound-period.ts';

const MAX_NAME_LENGTH = 60;
const MAX_REASON_LENGTH = 200;
/** What a large report has; the whole of it is attached, and a mail must not become so large that nobody takes it. */
const MOST_REPORTS = 100;
const MOST_POLICIES = 500;
const MOST_FAILURES = 2_000;
const MOST_REASON_CHARACTERS = 100_000;
const BEGUN = { first: '', others: '  ' };
const INDENTS = { first: '  ', others: '    ' };

/** What is shown of a report. */
export type SummedUp = Pick<SentReport, 'report' | 'verification'>;

export function filterSummary(reports: readonly SummedUp[]): string {
  const room = { policies: MOST_POLICIES, failures: MOST_FAILURES, characters: MOST_REASON_CHARACTERS };
  const lines = reports.slice(0, MOST_REPORTS).flatMap((report) => [...reportLines(report, room), '']);
  return [...lines, ...moreLines(reports.length - MOST_REPORTS, 'reports')].join('\n').trimEnd();
}

/** What is left of it for all reports together. */
interface Room {
  policies: number;
  failures: number;
  /** Of reasons. */
  characters: number;
}

function reportLines({ report, verification }: SummedUp, room: Room): string[] {
  const policies = report.policies.slice(0, room.policies);
  room.policies -= policies.length;
  return [
    ...headLines(report),
    ...senderLines(verification),
    ...policies.flatMap((policy) => policyLines(policy, room)),
    ...moreLines(report.policies.length - policies.length, 'policies'),
  ];
}

function headLines(report: InboundReport): string[] {
  const { organization = 'an unnamed sender', contact = 'missing', reportId = 'missing' } = report;
  return [
    ...wrapText(`TLS report of ${shown(organization)} on ${periodText(report)}`, BEGUN),
    ...wrapText(`report-id ${shown(reportId)}, contact ${shown(contact)}`, INDENTS),
  ];
}

function senderLines({ result, why }: Verification): string[] {
  return result === 'fail' ? wrapText(`sender not verified: ${foreign(why, MAX_REASON_LENGTH)}`, INDENTS) : [];
}

function policyLines({ type, domain, successful, failed, failures }: InboundPolicy, room: Room): string[] {
  const named = failures.slice(0, room.failures);
  room.failures -= named.length;
  const counts = `${sessions(successful)} succeeded, ${String(failed)} failed`;
  return [
    '',
    ...wrapText(`policy ${shown(type) || 'of no type'} of ${shown(domain) || 'an unnamed domain'}: ${counts}`, BEGUN),
    ...(failures.length > 0 ? [`${typeWord(type)} failure`] : []),
    ...named.flatMap((failure) => failureLines(failure, room)),
    ...moreLines(failures.length - named.length, 'failures'),
  ];
}

function typeWord(type: string): string {
  return readPolicyType(type) ?? 'unknown'; // RFC 8460 4.4 may have more one day; what is none may be anything
}

function failureLines(failure: InboundFailure, room: Room): string[] {
  const { resultType, receivingMxHostname, receivingMxHelo, receivingIp, reasonCode, additionalInformation } = failure;
  const host = receivingMxHostname ?? receivingMxHelo;
  const at = [host, receivingIp === undefined ? undefined : `(${receivingIp})`].filter((word) => word !== undefined);
  const where = at.length === 0 ? '' : ` at ${shown(at.join(' '))}`;
  return [
    ...addressLine(failure),
    ...wrapText(`${sessions(failure.sessions)}: ${shown(resultType) || 'no result type'}${where}`, INDENTS),
    ...reasonLines('reason', reasonCode, room),
    ...reasonLines('see also', additionalInformation, room),
  ];
}

function addressLine({ sendingMtaIp }: InboundFailure): string[] {
  if (sendingMtaIp === undefined) return ['sending-mta-ip missing'];
  const address = canonicalIp(sendingMtaIp);
  return address === undefined ? [`sending-mta-ip unusable: ${shown(sendingMtaIp)}`] : [`sending-mta-ip: ${address}`];
}

function reasonLines(what: string, text: string | undefined, room: Room): string[] {
  if (text === undefined || room.characters <= 0) return [];
  const reason = foreign(text, MAX_REASON_LENGTH);
  room.characters -= reason.length;
  return wrapText(`${what}: ${reason}`, INDENTS);
}

function sessions(count: number): string {
  return `${String(count)} ${count === 1 ? 'session' : 'sessions'}`;
}

function shown(text: string): string {
  return foreign(text, MAX_NAME_LENGTH);
}

/** Programs that look for the addresses may not look at where a line begins. */
function foreign(text: string, maxLength: number): string {
  return showForeign(text, maxLength).replace(/(sending-mta-ip)\s*:/gi, '$1?');
}

function moreLines(count: number, what: string): string[] {
  return count > 0 ? [`and ${String(count)} more ${what}, in what is attached`] : [];
}
