/**
 * Cuts a report that is too large down to what a mail can carry: the most frequent stays, the rest is added up, the totals are kept.
 *
 * Policies beyond their share become one entry for each policy type, without the text of the policy. Failures beyond theirs are counted
 * under the result type alone, policy by policy. What is cut down gets a type that is known here, since there may be any number of others.
 * The same tallies give the same result, whatever order they come in.
 *
 * RFC 8460 5.2: receivers often take no more than 10 MB.
 */
import { isKnownPolicyType } from './policy-type.ts';
import { isKnownResultType } from './result-type.ts';
import type { FailureDetails, Policy } from './session.ts';
import { mergePolicyTallies } from './tally.ts';
import type { FailureTally, PolicyTally } from './tally.ts';

export interface ReportLimits {
  readonly policies: number;
  readonly policyBytes: number;
  readonly failureBytes: number;
}

/**
 * Even if gzip saves nothing, base64 and its line ends (4/3, 78/76) make 9.6 MB of it; and it leaves room below the 10 MB that some readers
 * unpack at most.
 */
export const MAX_DOCUMENT_BYTES = 7_000_000;

/** Together with eleven further failures for each policy they stay below MAX_DOCUMENT_BYTES. */
const reportLimits: ReportLimits = { policies: 300, policyBytes: 2_000_000, failureBytes: 4_000_000 };

/** The reason of failures that are counted under their result type alone. */
const VARIOUS_REASONS = 'various';

/** What names, quotes and indentation add to the values at most. */
const FAILURE_OVERHEAD_BYTES = 250;
const POLICY_OVERHEAD_BYTES = 450;
const ELEMENT_OVERHEAD_BYTES = 12;
/** What names, quotes and indentation add at least. */
const LEAST_POLICY_BYTES = 200;
const LEAST_FAILURE_BYTES = 80;

export function shortenedPolicies(
  policyDomain: string,
  tallies: readonly PolicyTally[],
  limits: ReportLimits = reportLimits,
): PolicyTally[] {
  return withFewerFailures(withFewerPolicies(policyDomain, tallies, limits), limits.failureBytes);
}

function withFewerPolicies(policyDomain: string, tallies: readonly PolicyTally[], limits: ReportLimits): PolicyTally[] {
  const ranked = mergePolicyTallies(tallies).sort((a, b) => sessionsOf(b) - sessionsOf(a));
  const fitting = countFitting(ranked, limits.policyBytes, ({ policy }) => sizeOfPolicy(policy));
  const kept = Math.min(fitting, limits.policies);
  const rest = ranked.slice(kept).map((tally) => ({ ...tally, policy: withoutText(tally.policy, policyDomain) }));
  return mergePolicyTallies([...ranked.slice(0, kept), ...rest]);
}

function withFewerFailures(tallies: readonly PolicyTally[], failureBytes: number): PolicyTally[] {
  const ranked = tallies.flatMap(({ failures }) => failures).sort((a, b) => b.sessions - a.sessions);
  const fitting = countFitting(ranked, failureBytes, ({ details }) => sizeOfFailure(details));
  const kept = new Set(ranked.slice(0, fitting));
  return mergePolicyTallies(
    tallies.map((tally) => ({
      ...tally,
      failures: tally.failures.map((failure) => (kept.has(failure) ? failure : withResultTypeOnly(failure))),
    })),
  );
}

/** How many of the values, from the first on, come to no more than `bytes`. */
function countFitting<T>(values: readonly T[], bytes: number, sizeOf: (value: T) => number): number {
  let total = 0;
  const tooMany = values.findIndex((value) => (total += sizeOf(value)) > bytes);
  return tooMany === -1 ? values.length : tooMany;
}

function sessionsOf({ successful, failed }: PolicyTally): number {
  return successful + failed;
}

function withoutText({ type }: Policy, domain: string): Policy {
  return { type: isKnownPolicyType(type) ? type : 'no-policy-found', domain, strings: [], mxHosts: [] };
}

function withResultTypeOnly({ details: { resultType }, sessions }: FailureTally): FailureTally {
  const details: FailureDetails = {
    resultType: isKnownResultType(resultType) ? resultType : 'validation-failure', // RFC 8460 4.3.3: the general one
    sendingMtaIp: undefined,
    receivingMxHostname: undefined,
    receivingMxHelo: undefined,
    receivingIp: undefined,
    additionalInformation: undefined,
    failureReasonCode: VARIOUS_REASONS,
  };
  return { details, sessions };
}

function sizeOfPolicy(policy: Policy): number {
  const elements = policy.strings.length + policy.mxHosts.length;
  return sizeBytes(JSON.stringify(policy)) + POLICY_OVERHEAD_BYTES + elements * ELEMENT_OVERHEAD_BYTES;
}

function sizeOfFailure(details: FailureDetails): number {
  return sizeBytes(JSON.stringify(details)) + FAILURE_OVERHEAD_BYTES;
}

/** Less than a report with these has, found without writing it: of what is a hundred times too large, no text can be made at all. */
export function leastSizeBytes(tallies: readonly PolicyTally[]): number {
  return sum(tallies.map(({ policy, failures }) => leastSizeOfPolicy(policy) + sum(failures.map(leastSizeOfFailure))));
}

/** A policy that was not found is written without text. */
function leastSizeOfPolicy({ type, domain, strings }: Policy): number {
  return LEAST_POLICY_BYTES + domain.length + (type === 'no-policy-found' ? 0 : lengthOf(strings));
}

function leastSizeOfFailure({ details }: FailureTally): number {
  return LEAST_FAILURE_BYTES + lengthOf(Object.values(details));
}

/** No text has fewer bytes in UTF-8 than units in UTF-16. */
function lengthOf(texts: readonly (string | undefined)[]): number {
  return sum(texts.map((text) => text?.length ?? 0));
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

/** In UTF-8. */
export function sizeBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
