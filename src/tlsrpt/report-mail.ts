/**
 * What the header of a report's mail says about the report (RFC 8460 5.3).
 *
 * How it is put into MIME and sent is the business of an adapter.
 */
import { canonicalDomain } from './domain-name.ts';
import type { OutgoingReport } from './outgoing-report.ts';

type Identity = Pick<OutgoingReport, 'reportId' | 'policyDomain' | 'submitterDomain'>;

export function reportMailSubject({ policyDomain, submitterDomain, reportId }: Identity): string {
  return `Report Domain: ${policyDomain} Submitter: ${submitterDomain} Report-ID: <${reportId}>`; // RFC 8460 5.3
}

/** Of the digest that tells mailboxes apart. */
export const MAILBOX_DIGEST_LENGTH = 12;

/** The same for each attempt at one mailbox, so that a copy can be recognised. `mailboxDigest` is in hexadecimal. */
export function reportMessageId(
  { reportId, submitterDomain }: Omit<Identity, 'policyDomain'>,
  mailboxDigest: string,
): string {
  const left = reportId.replace(/@[^@]*$/, '').replace(/[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]/g, '-');
  return `<${left}.${mailboxDigest}@${submitterDomain}>`;
}

const MOST_MESSAGE_IDS = 20;
const MESSAGE_ID = /<(\d{4}-\d\d-\d\d\.[^<>@\s]{1,250})\.[0-9a-f]{12}@([^<>@\s]{1,253})>/;

/** What in a text may be the Message-ID of a mail with a report of ours, each once. */
export function reportMessageIdsIn(text: string): string[] {
  const found = text.matchAll(new RegExp(MESSAGE_ID, 'g'));
  return [...new Set(Array.from(found, ([messageId]) => messageId))].slice(0, MOST_MESSAGE_IDS);
}

/** The report-id of the report that such a mail has; undefined for other Message-IDs. */
export function reportIdInMessageId(messageId: string): string | undefined {
  const [, left, domain] = MESSAGE_ID.exec(messageId) ?? [];
  return left === undefined || domain === undefined ? undefined : `${left}@${domain}`;
}

/** Names and values, in the order in which they stand in the mail. */
export function reportMailHeaders({
  policyDomain,
  submitterDomain,
}: Identity): readonly (readonly [name: string, value: string])[] {
  return [
    ['TLS-Report-Domain', policyDomain], // RFC 8460 5.3
    ['TLS-Report-Submitter', submitterDomain], // RFC 8460 5.3
    ['TLS-Required', 'No'], // RFC 8460 5.3.1: a report travels even where TLS fails; RFC 8689 5 tells the relay so
    ['Auto-Submitted', 'auto-generated'], // RFC 3834 5: no vacation answers
  ];
}

/** After unfolding and decoding; senders vary the blanks and leave out the angle brackets. */
const SUBJECT = /\bReport\s+Domain:\s*(\S+)\s+Submitter:/i;

/** The policy domain that the Subject of a report's mail tells; undefined for any other. It is only a hint (RFC 8460 5.6). */
export function domainInSubject(subject: string): string | undefined {
  const [, domain] = SUBJECT.exec(subject) ?? [];
  return domain === undefined ? undefined : canonicalDomain(domain);
}
