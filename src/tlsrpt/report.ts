/**
 * One report: what one policy domain is told about one UTC day (RFC 8460 4).
 */
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
  readonly policies: readonly PolicyTally[];
}

export interface ReportSubject {
  readonly submitter: Submitter;
  readonly day: UtcDay;
  readonly policyDomain: string;
  /** Letters and digits that tell apart the reports on one domain and day; the same when the report is built again. */
  readonly uniqueId: string;
}

/**
 * The report-id: the same in the JSON, the Subject and the file name, and legal as a msg-id (RFC 5322 3.6.4), so without colons.
 */
export function reportIdOf({ submitter, day, policyDomain, uniqueId }: ReportSubject): string {
  return `${day}.${policyDomain}.${uniqueId}@${submitterDomain(submitter)}`;
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
