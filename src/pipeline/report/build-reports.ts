/**
 * Builds the reports about one UTC day from the sessions that were collected and fetched.
 *
 * Writes nothing; the same sessions always give the same bytes.
 *
 * RFC 8460 4.1 (a report covers one UTC day), 4.4 (schema).
 */
import type { BuiltReport } from '#store/outbox.ts';
import { formatReport } from '#tlsrpt/report-json.ts';
import { reportFileName } from '#tlsrpt/report-file-name.ts';
import { reportSummary } from '#tlsrpt/report-summary.ts';
import { reportIdOf, summaryOf } from '#tlsrpt/report.ts';
import { reportedPolicies } from '#tlsrpt/reported-policies.ts';
import { submitterDomain } from '#tlsrpt/submitter.ts';
import type { Submitter } from '#tlsrpt/submitter.ts';
import { gatherTallies } from './gather-tallies.ts';
import type { GatherOptions } from './gather-tallies.ts';
import type { DestinationMaps } from './map-destinations.ts';
import { planReports } from './plan-reports.ts';
import type { PlannedReport } from './plan-reports.ts';

export interface BuildOptions extends GatherOptions {
  readonly submitter: Submitter;
  /** Only these policy domains; empty for all. */
  readonly domains: readonly string[];
  /** What to do with reports in which nothing failed. */
  readonly successOnly: 'send' | 'skip';
  /** Where the administrator wants reports to go instead; undefined: where the records say. */
  readonly maps?: DestinationMaps;
}

export function buildReports(options: BuildOptions): BuiltReport[] {
  const { domains, successOnly } = options;
  return [...gatherTallies(options)]
    .filter(([domain]) => domains.length === 0 || domains.includes(domain))
    .flatMap(([domain, tallies]) => planReports(domain, tallies, options.log, options.maps))
    .filter(({ policies }) => successOnly === 'send' || summaryOf(policies).failed > 0)
    .map((plan) => buildReport(plan, options));
}

function buildReport(
  { policyDomain, uniqueId, destinations, policies }: PlannedReport,
  { submitter, day }: BuildOptions,
): BuiltReport {
  const subject = { submitter, day, policyDomain, uniqueId };
  const reportId = reportIdOf(subject);
  const report = { submitter, day, reportId, policyDomain, policies: reportedPolicies(policyDomain, policies) };
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
  };
}
