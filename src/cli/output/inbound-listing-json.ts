/**
 * What others reported about us as JSON, in the shape that docs/json.md promises.
 */
import type { DayResult } from '#pipeline/inbound/day-results.ts';
import type { FailureKind } from '#pipeline/inbound/failure-kinds.ts';
import type { InboundListing } from '#pipeline/inbound/list-inbound.ts';

export function inboundListingJson({ results, omitted, daysToCome, own, ...history }: InboundListing): unknown {
  const { kinds, silent } = history;
  return { results: results.map(resultJson), omitted, daysToCome, ownResults: own, kinds: kinds.map(kindJson), silent };
}

function kindJson({ resultType, isVerified: verified, ...kind }: FailureKind): unknown {
  const { policyType, policyDomain, firstDay, lastDay, days, sessions, organizations } = kind;
  const seen = { firstDay, lastDay, days, sessions, verified, organizations };
  return { resultType: resultType ?? null, policyType, policyDomain, ...seen };
}

function resultJson({ organization, verifiedDomain, policyType, policyDomain, ...counts }: DayResult): unknown {
  const { day, reports, successful, failed, failures } = counts;
  const reporter = { organization: organization ?? null, verifiedDomain: verifiedDomain ?? null };
  return { day, ...reporter, policyType, policyDomain, reports, successful, failed, failures };
}
