/**
 * The outcomes of one session, of which each policy's counts it once.
 *
 * Under an MTA-STS policy of mode none a domain is treated, and reported on, as if it had no policy (RFC 8461 5). An MTA may report that
 * policy and, beside it, that none was found: that is one session, and what it says without a policy counts.
 */
import { isModeNone } from './policy-lines.ts';
import type { PolicyOutcome } from './session.ts';

export function eachOnce(outcomes: readonly PolicyOutcome[]): PolicyOutcome[] {
  const withoutPolicy = new Set(
    outcomes.filter(({ policy }) => policy.type === 'no-policy-found').map(({ policy }) => policy.domain),
  );
  return outcomes.filter(({ policy }) => {
    if (!isModeNone(policy)) return true;
    const isRepeated = withoutPolicy.has(policy.domain);
    withoutPolicy.add(policy.domain);
    return !isRepeated;
  });
}
