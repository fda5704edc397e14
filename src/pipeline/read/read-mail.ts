/**
 * Reads the reports in one mail (RFC 8460 5.3), wherever they are in it: attached, as the whole mail, in a forwarded mail, labelled or not.
 *
 * A bounce of a report of ours is told as such. A mail that is plainly no report is passed over. One that says that it is a report, and of which none can be read, is unreadable.
 */
import { isDeepStrictEqual } from 'node:util';
import { readBounce } from '#tlsrpt/bounce.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import { InboundBudget } from '#tlsrpt/inbound-budget.ts';
import type { DocumentReading, InboundOriginal, InboundReport, UnreadableCode } from '#tlsrpt/inbound-report.ts';
import { domainInFileName } from '#tlsrpt/report-file-name.ts';
import { domainInSubject } from '#tlsrpt/report-mail.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import type { MailContent, MailOpener, MailPart, OpenedMail } from './mail-opener.ts';
import { readDocument } from './read-document.ts';
import { labelRemarks } from './label-remarks.ts';
import { beginningOfMail } from './recognize-content.ts';
import { verifySender } from './verify-sender.ts';
import type { SenderVerifying } from './verify-sender.ts';

export interface SentReport {
  readonly report: InboundReport;
  readonly original: InboundOriginal;
  readonly verification: Verification;
}

export type ReadReport = Omit<SentReport, 'verification'>;

export type MailReading =
  | {
      readonly kind: 'reports';
      readonly reports: readonly SentReport[];
      /** Why others beside them, that should be reports as well, cannot be read: each reason once. */
      readonly unreadable: readonly UnreadableCode[];
    }
  /** What it is about may be a mail of ours. The report in that is no report of others. */
  | { readonly kind: 'bounce'; readonly bounce: Bounce }
  | { readonly kind: 'unreadable'; readonly code: UnreadableCode }
  | { readonly kind: 'no-report' };

const REPORT_TYPE = /^application\/tlsrpt(?:\+|$)/;
const CLAIM = /report-type\s*=\s*"?tlsrpt\b/i;

/** Of the mails in a mail, the sender of each that has reports is verified. */
export async function readMail(bytes: Buffer, opener: MailOpener, verifying: SenderVerifying): Promise<MailReading> {
  const mail = bytes.subarray(beginningOfMail(bytes));
  const opened = await opener.open(mail);
  if (opened.kind === 'unreadable') return claimsInHeader(mail) ? opened : { kind: 'no-report' };
  const bounce = bounceIn(opened.mails[0]);
  return bounce ? { kind: 'bounce', bounce } : readOpened({ mail, opened }, opener, verifying);
}

interface MailTakenApart {
  readonly mail: Buffer;
  readonly opened: Extract<OpenedMail, { kind: 'opened' }>;
}

async function readOpened(
  { mail, opened }: MailTakenApart,
  opener: MailOpener,
  verifying: SenderVerifying,
): Promise<MailReading> {
  const budget = new InboundBudget();
  const readings = opened.mails.map((each) => each.parts.map((part) => readPart(part, { mail: each, budget })));
  const reports: SentReport[] = [];
  for (const [index, { sender }] of opened.mails.entries()) {
    const ofMail = reportsIn(readings[index] ?? []);
    if (ofMail.length === 0) continue;
    const verification = await verifySender({ bytes: mail, index, sender }, opener, verifying);
    reports.push(...ofMail.map((read) => ({ ...read, verification })));
  }
  if (reports.length > 0) return { kind: 'reports', reports, unreadable: unreadableIn(readings.flat(), opened) };
  if (!opened.mails.some(claims)) return { kind: 'no-report' };
  const unreadable = readings.flat().filter(isUnreadable);
  const [first = unreadable[0]] = unreadable.filter(({ isMeant }) => isMeant);
  return { kind: 'unreadable', code: first?.code ?? (opened.isWhole ? 'no-report' : 'too-complex') };
}

function bounceIn(mail: MailContent | undefined): Bounce | undefined {
  return mail?.notice && readBounce(mail.notice);
}

/** Of one multipart/alternative each report once (RFC 2046 5.1.4). */
function reportsIn(readings: readonly PartReading[]): ReadReport[] {
  const kept: { readonly read: ReadReport; readonly alternative: number | undefined }[] = [];
  for (const reading of readings) {
    const { alternative } = reading;
    const others = kept.filter((other) => alternative !== undefined && other.alternative === alternative);
    const reports = reading.kind === 'reports' ? withOriginals(reading) : [];
    const further = reports.filter(({ report }) => !others.some(({ read }) => saysTheSame(report, read.report)));
    for (const read of further) kept.push({ read, alternative });
  }
  return kept.map(({ read }) => read);
}

/** Each with what it was read from. */
export function withOriginals(reading: Extract<DocumentReading, { kind: 'reports' }>): ReadReport[] {
  const { reports, document, gzip } = reading;
  return reports.map((report, place) => ({ report, original: { document, gzip, place } }));
}

/** What is odd about it depends on the form in which it came. */
function saysTheSame(a: InboundReport, b: InboundReport): boolean {
  return isDeepStrictEqual({ ...a, remarks: [] }, { ...b, remarks: [] });
}

interface PartContext {
  readonly mail: MailContent;
  readonly budget: InboundBudget;
}

type PartReading = DocumentReading & { readonly isMeant: boolean; readonly alternative: number | undefined };

function isUnreadable(reading: PartReading): reading is Extract<PartReading, { kind: 'unreadable' }> {
  return reading.kind === 'unreadable';
}

function unreadableIn(readings: readonly PartReading[], { isWhole }: { readonly isWhole: boolean }): UnreadableCode[] {
  const codes = readings.filter(isUnreadable).flatMap(({ code, isMeant }) => (isMeant ? [code] : []));
  return [...new Set(isWhole ? codes : [...codes, 'too-complex' as const])];
}

function readPart(part: MailPart, { mail, budget }: PartContext): PartReading {
  const { bytes: content, alternative } = part;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const remarks = labelRemarks(bytes, part.mediaType);
  const reading = readDocument(bytes, { policyDomain: domainOf(part, mail), remarks, budget });
  return { ...reading, isMeant: isMeant(part), alternative };
}

function domainOf({ fileName }: MailPart, { headers }: MailContent): string | undefined {
  const named = headers.get('tls-report-domain');
  if (named !== undefined && named.trim() !== '') return canonicalDomain(named);
  return domainInSubject(headers.get('subject') ?? '') ?? domainInFileName(fileName);
}

function claims({ headers, parts }: MailContent): boolean {
  return (
    ['tls-report-domain', 'tls-report-submitter'].some((name) => headers.has(name)) ||
    CLAIM.test(headers.get('content-type') ?? '') ||
    (domainInSubject(headers.get('subject') ?? '') !== undefined && !isAnswer(headers)) ||
    parts.some(isMeant)
  );
}

/** As mail programs of several languages mark one; a list may put its name before it. */
const ANSWER = /^(?:\s*\[[^\]]{1,100}\])?\s*(?:re|aw|antw|sv|vs|odp|rif|r)\.?\s*(?:[[(]\d{1,4}[\])])?\s*:/i;

/** Whoever answers a report keeps its Subject, and not the report. */
function isAnswer(headers: MailContent['headers']): boolean {
  return headers.has('in-reply-to') || ANSWER.test(headers.get('subject') ?? '');
}

function isMeant({ mediaType, fileName }: MailPart): boolean {
  return REPORT_TYPE.test(mediaType) || domainInFileName(fileName) !== undefined;
}

/** Of a mail that cannot be taken apart. */
export function claimsInHeader(bytes: Buffer): boolean {
  const end = /\r?\n\r?\n/.exec(bytes.subarray(0, MAX_HEADER_BYTES).toString('latin1'))?.index ?? MAX_HEADER_BYTES;
  const header = bytes
    .subarray(0, end)
    .toString('latin1')
    .replace(/\r?\n[ \t]+/g, ' ');
  return /^tls-report-(?:domain|submitter):/im.test(header) || CLAIM.test(header);
}

const MAX_HEADER_BYTES = 262_144;
