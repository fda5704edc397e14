/**
 * Generated tallies with few different values, so that many of them concern the same policy and the same failure.
 */
import fc from 'fast-check';
import type { PolicyType, UnknownPolicyType } from '#tlsrpt/policy-type.ts';
import type { ResultType, UnknownResultType } from '#tlsrpt/result-type.ts';
import type { FailureDetails, Policy } from '#tlsrpt/session.ts';
import type { FailureTally, PolicyTally } from '#tlsrpt/tally.ts';

/** A failure of which the MTA knew nothing but the type. */
export const UNKNOWN_DETAILS: FailureDetails = {
  resultType: 'validation-failure',
  sendingMtaIp: undefined,
  receivingMxHostname: undefined,
  receivingMxHelo: undefined,
  receivingIp: undefined,
  additionalInformation: undefined,
  failureReasonCode: undefined,
};

/** Types that a later version may know. */
export const NEW_POLICY_TYPE = 'new-policy' as UnknownPolicyType;
export const NEW_RESULT_TYPE = 'new-failure' as UnknownResultType;

const policy: fc.Arbitrary<Policy> = fc.record({
  type: fc.constantFrom<PolicyType>('tlsa', 'sts', 'no-policy-found', NEW_POLICY_TYPE),
  domain: fc.constantFrom('a.example', 'b.example', 'not a name'),
  strings: fc.constantFrom(
    [],
    [''],
    ['3 1 1 ab', '3 1 1 cd'],
    ['3 1 1 cd', '3 1 1 ab'],
    ['mode: none'],
    ['x', '', 'y', ''],
  ),
  mxHosts: fc.constantFrom([], ['x.example'], ['*.x.example', 'x.example', 'x.example'], ['"<>']),
});

const details: fc.Arbitrary<FailureDetails> = fc.record({
  resultType: fc.constantFrom<ResultType>('validation-failure', 'certificate-expired', 'tlsa-invalid', NEW_RESULT_TYPE),
  sendingMtaIp: fc.constantFrom(undefined, '192.0.2.1'),
  receivingMxHostname: fc.constantFrom(undefined, 'mx.example'),
  receivingMxHelo: fc.constant(undefined),
  receivingIp: fc.constantFrom(undefined, '192.0.2.2'),
  additionalInformation: fc.constantFrom(undefined, 'https://x.example/', 'some text'),
  failureReasonCode: fc.constantFrom(undefined, 'x', 'unspecified'),
});

const failure: fc.Arbitrary<FailureTally> = fc.record({ details, sessions: fc.nat(20) });

export const policyTally: fc.Arbitrary<PolicyTally> = fc.record({
  policy,
  successful: fc.nat(20),
  failed: fc.nat(20),
  failures: fc.array(failure, { maxLength: 6 }),
});

/** The same tallies in two orders. */
export const talliesInTwoOrders: fc.Arbitrary<[PolicyTally[], PolicyTally[]]> = fc
  .array(policyTally)
  .chain((tallies) => fc.tuple(fc.constant(tallies), fc.shuffledSubarray(tallies, { minLength: tallies.length })));

export interface Totals {
  readonly successful: number;
  readonly failed: number;
  readonly failedInDetails: number;
}

export function totalsOf(tallies: readonly PolicyTally[]): Totals {
  return {
    successful: sum(tallies.map(({ successful }) => successful)),
    failed: sum(tallies.map(({ failed }) => failed)),
    failedInDetails: sum(tallies.flatMap(({ failures }) => failures.map(({ sessions }) => sessions))),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
