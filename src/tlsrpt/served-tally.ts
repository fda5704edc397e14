/**
 * What the protocol of sys4's fetchers has room for of what was seen: sessions with a record, of names that can be asked about, with types that
 * libtlsrpt knows. `fetch --serve` gives that, so a day that was fetched in that way is known by it in the host's own file.
 */
import { isUsableDomain } from './domain-name.ts';
import { isKnownPolicyType } from './policy-type.ts';
import { isKnownResultType } from './result-type.ts';
import { mergePolicyTallies } from './tally.ts';
import type { DomainTally, FailureTally, PolicyTally } from './tally.ts';

/** Undefined where that is nothing: without a record there is nobody to report to. */
export function servedTally(tally: DomainTally): (DomainTally & { readonly record: string }) | undefined {
  const { domain, record, policies } = tally;
  if (record === undefined || !isUsableDomain(domain)) return undefined;
  return { domain, record, policies: mergePolicyTallies(policies.map(withLibtlsrptTypes)) };
}

/** The protocol has numbers for what libtlsrpt knows. Done before adding up, since two types may become the same. */
function withLibtlsrptTypes(tally: PolicyTally): PolicyTally {
  const type = isKnownPolicyType(tally.policy.type) ? tally.policy.type : 'no-policy-found';
  return { ...tally, policy: { ...tally.policy, type }, failures: tally.failures.map(withLibtlsrptResultType) };
}

function withLibtlsrptResultType({ details, sessions }: FailureTally): FailureTally {
  if (isKnownResultType(details.resultType)) return { details, sessions };
  const failureReasonCode = details.failureReasonCode ?? details.resultType;
  return { details: { ...details, resultType: 'validation-failure', failureReasonCode }, sessions };
}
