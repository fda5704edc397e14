/**
 * The outcomes of one session, of which each policy's counts it once.
 *
 * Under an MTA-STS policy of mode none a domain is treated, and reported on, as if it had no policy (RFC 8461 5). An MTA may report that
 * policy and, beside it, that none was found: that is one session, and what it says without a policy counts.
 */
import { isModeNone } from './policy-lines.ts';
import type { PolicyOutcome } from './session.ts';

/** `recipient`: the domain that is meant where a policy names none. */
export function eachOnce(outcomes: readonly PolicyOutcome[], recipient: string): PolicyOutcome[] {
  const domainOf = ({ policy }: PolicyOutcome): string => policy.domain || recipient;
  const withoutPolicy = new Set(outcomes.filter(({ policy }) => policy.type === 'no-policy-found').map(domainOf));
  return outcomes.filter((outcome) => {
    if (!isModeNone(outcome.policy)) return true;
    const domain = domainOf(outcome);
    const isRepeated = withoutPolicy.has(domain);
    withoutPolicy.add(domain);
    return !isRepeated;
  });
}
