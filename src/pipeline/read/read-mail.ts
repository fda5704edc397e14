/**
 * Reads the reports in one mail (RFC 8460 5.3), wherever they are in it: attached, as the whole mail, in a forwarded mail, labelled or not.
 *
 * A mail that is plainly no report is passed over. One that says that it is a report, and of which none can be read, is unreadable.
 */
import { InboundBudget } from '#tlsrpt/inbound-budget.ts';
import type { DocumentReading, InboundOriginal, InboundReport, UnreadableCode } from '#tlsrpt/inbound-report.ts';
import { domainInFileName } from '#tlsrpt/report-file-name.ts';
import { domainInSubject } from '#tlsrpt/report-mail.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import type { MailContent, MailOpener, MailPart } from './mail-opener.ts';
import { readDocument } from './read-document.ts';
import { recognizeContent } from './recognize-content.ts';
import { verifySender } from './verify-sender.ts';
import type { SenderVerifying } from './verify-sender.ts';

export interface SentReport {
  readonly report: InboundReport;
  readonly original: InboundOriginal;
  readonly verification: Verification;
}

export type MailReading =
  | {
      readonly kind: 'reports';
      readonly reports: readonly SentReport[];
      /** Why others beside them, that should be reports as well, cannot be read: each reason once. */
      readonly unreadable: readonly UnreadableCode[];
    }
  | { readonly kind: 'unreadable'; readonly code: UnreadableCode }
  | { readonly kind: 'no-report' };

/** What a mail with a report has somewhere in its bytes, in a header or as they are; any other is not taken apart. */
const SIGN = /tlsrpt|tls-report-|report domain:|\.json|\/(?:json|gzip|x-gzip|zlib|octet-stream|rfc822)|"policies"/i;
const REPORT_TYPE = /^application\/tlsrpt(?:\+|$)/;
const CLAIM = /report-type\s*=\s*"?tlsrpt\b/i;

/** Of the mails in a mail, the sender of each that has reports is verified. */
export async function readMail(bytes: Buffer, opener: MailOpener, verifying: SenderVerifying): Promise<MailReading> {
  if (!hasSign(bytes)) return { kind: 'no-report' };
  const opened = await opener.open(bytes);
  if (opened.kind === 'unreadable') return claimsInHeader(bytes) ? opened : { kind: 'no-report' };
  const budget = new InboundBudget();
  const readings = opened.mails.map((mail) => mail.parts.map((part) => readPart(part, { mail, budget })));
  const reports: SentReport[] = [];
  for (const [index, { sender }] of opened.mails.entries()) {
    const ofMail = reportsIn(readings[index] ?? []);
    if (ofMail.length === 0) continue;
    const verification = await verifySender({ bytes, index, sender }, opener, verifying);
    reports.push(...ofMail.map((read) => ({ ...read, verification })));
  }
  if (reports.length > 0) return { kind: 'reports', reports, unreadable: unreadableIn(readings.flat(), opened) };
  if (!opened.mails.some(claims)) return { kind: 'no-report' };
  return (
    readings.flat().find(isUnreadable) ?? { kind: 'unreadable', code: opened.isWhole ? 'no-report' : 'too-complex' }
  );
}

function reportsIn(readings: readonly DocumentReading[]): Omit<SentReport, 'verification'>[] {
  return readings.flatMap((reading) => (reading.kind === 'reports' ? withOriginals(reading) : []));
}

/** Each with what it was read from. */
export function withOriginals(
  reading: Extract<DocumentReading, { kind: 'reports' }>,
): Omit<SentReport, 'verification'>[] {
  const { reports, document, gzip } = reading;
  return reports.map((report, place) => ({ report, original: { document, gzip, place } }));
}

const WINDOW_BYTES = 65_536;
const OVERLAP_BYTES = 64;

/** Window by window, as a text of the whole would take its memory once more. */
function hasSign(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += WINDOW_BYTES)
    if (SIGN.test(bytes.toString('latin1', at, at + WINDOW_BYTES + OVERLAP_BYTES))) return true;
  return false;
}

interface PartContext {
  readonly mail: MailContent;
  readonly budget: InboundBudget;
}

type PartReading = DocumentReading & { readonly isMeant: boolean };

function isUnreadable(reading: PartReading): reading is Extract<PartReading, { kind: 'unreadable' }> {
  return reading.kind === 'unreadable';
}

function unreadableIn(readings: readonly PartReading[], { isWhole }: { readonly isWhole: boolean }): UnreadableCode[] {
  const codes = readings.filter(isUnreadable).flatMap(({ code, isMeant }) => (isMeant ? [code] : []));
  return [...new Set(isWhole ? codes : [...codes, 'too-complex' as const])];
}

function readPart(part: MailPart, { mail, budget }: PartContext): PartReading {
  const bytes = Buffer.from(part.bytes);
  const kind = recognizeContent(bytes);
  const isLabelled = part.mediaType === (kind === 'json' ? 'application/tlsrpt+json' : 'application/tlsrpt+gzip');
  const remarks = isLabelled ? [] : (['media-type'] as const);
  return { ...readDocument(bytes, { policyDomain: domainOf(part, mail), remarks, budget }), isMeant: isMeant(part) };
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
    domainInSubject(headers.get('subject') ?? '') !== undefined ||
    parts.some(isMeant)
  );
}

function isMeant({ mediaType, fileName }: MailPart): boolean {
  return REPORT_TYPE.test(mediaType) || domainInFileName(fileName) !== undefined;
}

/** Of a mail that cannot be taken apart. */
function claimsInHeader(bytes: Buffer): boolean {
  const end = /\r?\n\r?\n/.exec(bytes.subarray(0, MAX_HEADER_BYTES).toString('latin1'))?.index ?? MAX_HEADER_BYTES;
  const header = bytes
    .subarray(0, end)
    .toString('latin1')
    .replace(/\r?\n[ \t]+/g, ' ');
  return /^tls-report-(?:domain|submitter):/im.test(header) || CLAIM.test(header);
}

const MAX_HEADER_BYTES = 262_144;
