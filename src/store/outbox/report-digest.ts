/**
 * What tells whether a report in the outbox is what was written, and whether another one is the same: a digest of its names, its texts and
 * where it goes.
 *
 * A flipped bit can leave a document that reads well, with another count, or another address. It is for the faults of disks; who can write
 * to the outbox can write a digest too.
 */
import { hash } from 'node:crypto';
import { subjectOf } from '#tlsrpt/report.ts';
import type { BuiltReport, Reported } from './outbox-entries.ts';

/** In hexadecimal: SQLite keeps 48 bits in six bytes, and JavaScript takes them as they are. */
const DIGEST_LENGTH = 12;

export function reportDigest(report: BuiltReport & { readonly reported?: Reported | undefined }): number {
  const { outgoing, destinations } = report;
  const { reportId, policyDomain, submitterDomain, fileName, document, summary } = outgoing;
  const { subject, revision, counts, lookedUpRecord = null } = reportedOf(report);
  const names = [reportId, revision, policyDomain, submitterDomain, lookedUpRecord, subject, fileName, ...destinations];
  const texts = [JSON.stringify(names), document, counts, summary];
  return Number.parseInt(hash('sha256', texts.join('\x1e'), 'hex').slice(0, DIGEST_LENGTH), 16);
}

/** What there is about a report that says nothing of it. */
export function reportedOf({
  outgoing: { reportId },
  reported,
}: Pick<BuiltReport, 'outgoing'> & { readonly reported?: Reported | undefined }): Reported {
  return reported ?? { subject: subjectOf(reportId), revision: 0, counts: '', lookedUpRecord: undefined };
}
