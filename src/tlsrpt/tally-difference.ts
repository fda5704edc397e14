/**
 * What was counted since: the tallies of one domain and record, less what they were before.
 */
import { failureKey, mergePolicyTallies, policyKey } from './tally.ts';
import type { FailureTally, PolicyTally } from './tally.ts';

/**
 * Undefined when a policy has fewer sessions than before: then this is not the same count, grown. Of failure details as many are left as there
 * are more of.
 */
export function tallyDifference(
  now: readonly PolicyTally[],
  before: readonly PolicyTally[],
): readonly PolicyTally[] | undefined {
  const rest = new Map(mergePolicyTallies(before).map((tally) => [policyKey(tally.policy), tally]));
  const difference: PolicyTally[] = [];
  for (const tally of mergePolicyTallies(now)) {
    const key = policyKey(tally.policy);
    const earlier = rest.get(key);
    rest.delete(key);
    const more = earlier ? since(tally, earlier) : tally;
    if (more.successful < 0 || more.failed < 0) return undefined;
    if (more.successful + more.failed + more.failures.length > 0) difference.push(more);
  }
  return [...rest.values()].some(({ successful, failed }) => successful + failed > 0) ? undefined : difference;
}

function since(now: PolicyTally, before: PolicyTally): PolicyTally {
  const earlier = new Map(before.failures.map(({ details, sessions }) => [failureKey(details), sessions]));
  const failures = now.failures.map(({ details, sessions }): FailureTally => ({
    details,
    sessions: sessions - (earlier.get(failureKey(details)) ?? 0),
  }));
  return {
    policy: now.policy,
    successful: now.successful - before.successful,
    failed: now.failed - before.failed,
    failures: failures.filter(({ sessions }) => sessions > 0),
  };
}
