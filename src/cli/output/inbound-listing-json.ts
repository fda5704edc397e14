/**
 * What others reported about us as JSON, in the shape that docs/json.md promises.
 */
import type { DayResult } from '#pipeline/inbound/day-results.ts';
import type { InboundListing } from '#pipeline/inbound/list-inbound.ts';

export function inboundListingJson({ results, omitted }: InboundListing): unknown {
  return { results: results.map(resultJson), omitted };
}

function resultJson({ organization, verifiedDomain, policyType, policyDomain, ...counts }: DayResult): unknown {
  const { day, reports, successful, failed, failures } = counts;
  const reporter = { organization: organization ?? null, verifiedDomain: verifiedDomain ?? null };
  return { day, ...reporter, policyType, policyDomain, reports, successful, failed, failures };
}
