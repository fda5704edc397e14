/**
 * One report: what one policy domain hears about one UTC day (RFC 8460 4).
 */
import { shortDomain } from './short-domain.ts';
import { submitterDomain } from './submitter.ts';
import type { Submitter } from './submitter.ts';
import type { PolicyTally } from './tally.ts';
import type { UtcDay } from './utc-day.ts';

export interface Report {
  readonly submitter: Submitter;
  readonly day: UtcDay;
  readonly reportId: string;
  /** The domain whose TLSRPT record asks for the report. */
  readonly policyDomain: string;
  /** 0, or how many reports on the same subject were transmitted before: then it holds only what has become known since. */
  readonly revision?: number | undefined;
  readonly policies: readonly PolicyTally[];
}

export interface ReportSubject {
  readonly submitter: Submitter;
  readonly day: UtcDay;
  readonly policyDomain: string;
  /** Letters and digits that tell apart the reports on one domain and day; the same when the report is built again. */
  readonly uniqueId: string;
  /** As in Report. */
  readonly revision?: number | undefined;
}

/**
 * In angle brackets, and with the 13 characters by which a Message-ID tells destinations apart, this comes to the 250 that RFC 3977 3.6
 * gives a msg-id and mail programs go by. Only the name of a submitter that is longer than most can make it more.
 */
const MAX_REPORT_ID_LENGTH = 235;

/**
 * The report-id: the same in the JSON, the Subject and the file name, and legal as a msg-id (RFC 5322 3.6.4), so without colons.
 *
 * Of a long policy domain only the end is in it; the unique id still tells it apart.
 */
export function reportIdOf(subject: ReportSubject): string {
  const rest = `${revisedUniqueId(subject)}@${submitterDomain(subject.submitter)}`;
  const begin = `${subject.day}.`;
  const domain = shortDomain(subject.policyDomain, MAX_REPORT_ID_LENGTH - begin.length - rest.length - 1);
  return `${begin}${domain}.${rest}`;
}

/** RFC 8460 5.1: letters and digits alone. */
export function revisedUniqueId({ uniqueId, revision = 0 }: Pick<ReportSubject, 'uniqueId' | 'revision'>): string {
  return revision === 0 ? uniqueId : `${uniqueId}r${String(revision)}`;
}

/** What a report is about, whoever submits it: the same for all reports with the same day, domain and addresses. */
export function subjectOf(reportId: string): string {
  return reportId.slice(0, reportId.lastIndexOf('@'));
}

export interface Summary {
  readonly successful: number;
  readonly failed: number;
}

/** Sessions under all policies together. A session that was held against two policies counts in both (RFC 8460 4). */
export function summaryOf(policies: readonly PolicyTally[]): Summary {
  return policies.reduce(
    (total, policy) => ({ successful: total.successful + policy.successful, failed: total.failed + policy.failed }),
    { successful: 0, failed: 0 },
  );
}
