/**
 * Builds one planned report: the document, and all that it needs on its way.
 *
 * The same sessions always give the same bytes.
 *
 * RFC 8460 4.1 (a report covers one UTC day), 4.4 (schema).
 */
import type { BuiltReport, Reported } from '#store/outbox/outbox-entries.ts';
import { formatReport } from '#tlsrpt/report-json.ts';
import { reportFileName } from '#tlsrpt/report-file-name.ts';
import { reportSummary } from '#tlsrpt/report-summary.ts';
import { reportIdOf, summaryOf } from '#tlsrpt/report.ts';
import { submitterDomain } from '#tlsrpt/submitter.ts';
import type { Submitter } from '#tlsrpt/submitter.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { PlannedReport } from './plan-reports.ts';
import type { UnreportedContent } from './unreported-content.ts';

export interface ReportForm {
  readonly submitter: Submitter;
  readonly day: UtcDay;
  /** What to do with reports in which nothing failed. */
  readonly successOnly: 'send' | 'skip';
}

/** What is to be reported of a plan: all of it as a report, or what is new as a supplement. */
export interface ReportContent extends UnreportedContent {
  /** 0 for the report, and up from 1 for its supplements. */
  readonly revision: number;
}

export type NewReport = BuiltReport & { readonly reported: Reported };

/** Undefined when there is nothing in it that anyone wants to know. */
export function buildReport(
  plan: PlannedReport,
  { policies, counts, revision }: ReportContent,
  { submitter, day, successOnly }: ReportForm,
): NewReport | undefined {
  if (policies.length === 0 || (successOnly === 'skip' && summaryOf(policies).failed === 0)) return undefined;
  const { policyDomain, uniqueId, destinations, lookedUpRecord } = plan;
  const subject = { submitter, day, policyDomain, uniqueId, revision };
  const reportId = reportIdOf(subject);
  const report = { submitter, day, reportId, policyDomain, revision, policies };
  return {
    outgoing: {
      reportId,
      policyDomain,
      submitterDomain: submitterDomain(submitter),
      fileName: reportFileName(subject),
      document: formatReport(report),
      summary: reportSummary(report),
    },
    destinations: destinations.map(({ uri }) => uri),
    reported: { subject: subjectAbout(plan, day), revision, counts, lookedUpRecord },
  };
}

/** What a report and its supplements have in common, whoever submits them. */
export function subjectAbout({ policyDomain, uniqueId }: PlannedReport, day: UtcDay): string {
  return `${day}.${policyDomain}.${uniqueId}`;
}
