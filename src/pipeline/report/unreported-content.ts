/**
 * What a planned report has to say beyond what earlier reports on its subject have said, and the counts of all of that.
 *
 * The plan is gone through part by part, and what a document cannot hold is added up on the way, so that a host with any number of domains
 * takes no more memory than a report does. The counts are of everything, so a later run still knows what is unreported.
 */
import { BoundedPolicies } from '#tlsrpt/bounded-policies.ts';
import { reportedPolicies } from '#tlsrpt/reported-policies.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { PlannedReport } from './plan-reports.ts';
import { ReportedCounts, unreportedAmong } from './reported-counts.ts';
import type { CountsLeft } from './reported-counts.ts';

export interface UnreportedContent {
  readonly policies: readonly PolicyTally[];
  /** As in reported-counts.ts. */
  readonly counts: string;
}

/** `left` are the counts of earlier reports; what is found in them is not there for the next plan. */
export function unreportedContent(
  { policyDomain, parts }: PlannedReport,
  left: readonly CountsLeft[] = [],
): UnreportedContent {
  const counts = new ReportedCounts();
  const policies = new BoundedPolicies(policyDomain);
  for (const part of parts) {
    const found = unreportedAmong(reportedPolicies(policyDomain, part), left);
    counts.add(found);
    policies.add(found);
  }
  return { policies: policies.all(), counts: counts.format() };
}
