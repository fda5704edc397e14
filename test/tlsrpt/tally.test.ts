import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureDetails, Policy } from '#tlsrpt/session.ts';
import { failureKey, mergePolicyTallies, policyKey } from '#tlsrpt/tally.ts';
import type { FailureTally, PolicyTally } from '#tlsrpt/tally.ts';

/** Few different values, so that many tallies have the same key. */
const policy: fc.Arbitrary<Policy> = fc.record({
  type: fc.constantFrom('tlsa', 'sts', 'no-policy-found'),
  domain: fc.constantFrom('a.example', 'b.example'),
  strings: fc.constantFrom([], ['x'], ['x', 'y'], ['x,y']),
  mxHosts: fc.constantFrom([], ['x']),
});
const details: fc.Arbitrary<FailureDetails> = fc.record({
  resultType: fc.constantFrom('validation-failure', 'tlsa-invalid'),
  sendingMtaIp: fc.constantFrom(undefined, '192.0.2.1'),
  receivingMxHostname: fc.constantFrom(undefined, 'mx.example'),
  receivingMxHelo: fc.constant(undefined),
  receivingIp: fc.constantFrom(undefined, '192.0.2.1'),
  additionalInformation: fc.constant(undefined),
  failureReasonCode: fc.constantFrom(undefined, 'x'),
});
const failure: fc.Arbitrary<FailureTally> = fc.record({ details, sessions: fc.nat(1_000) });
const tally: fc.Arbitrary<PolicyTally> = fc.record({
  policy,
  successful: fc.nat(1_000),
  failed: fc.nat(1_000),
  failures: fc.array(failure),
});

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

describe('mergePolicyTallies', () => {
  it('neither loses nor invents a session', () => {
    fc.assert(
      fc.property(fc.array(tally), (tallies) => {
        const merged = mergePolicyTallies(tallies);
        for (const count of ['successful', 'failed'] as const)
          expect(sum(merged.map((one) => one[count]))).toBe(sum(tallies.map((one) => one[count])));
        const failedSessions = (list: readonly PolicyTally[]): number =>
          sum(list.flatMap(({ failures }) => failures.map(({ sessions }) => sessions)));
        expect(failedSessions(merged)).toBe(failedSessions(tallies));
      }),
    );
  });

  it('gives the same list in whatever order the tallies come', () => {
    const shuffled = fc
      .array(tally)
      .chain((tallies) => fc.tuple(fc.constant(tallies), fc.shuffledSubarray(tallies, { minLength: tallies.length })));
    fc.assert(
      fc.property(shuffled, ([tallies, inOtherOrder]) => {
        expect(mergePolicyTallies(inOtherOrder)).toEqual(mergePolicyTallies(tallies));
      }),
    );
  });

  it('gives each policy and each failure of a policy once', () => {
    fc.assert(
      fc.property(fc.array(tally), (tallies) => {
        const merged = mergePolicyTallies(tallies);
        expectDistinct(merged.map((one) => policyKey(one.policy)));
        for (const { failures } of merged) expectDistinct(failures.map((one) => failureKey(one.details)));
      }),
    );
  });

  it('comes to the same in two steps as in one', () => {
    fc.assert(
      fc.property(fc.array(tally), fc.array(tally), (some, others) => {
        expect(mergePolicyTallies([...mergePolicyTallies(some), ...mergePolicyTallies(others)])).toEqual(
          mergePolicyTallies([...some, ...others]),
        );
      }),
    );
  });

  it('puts the most frequent failure first', () => {
    fc.assert(
      fc.property(fc.array(tally), (tallies) => {
        for (const { failures } of mergePolicyTallies(tallies)) {
          const counts = failures.map(({ sessions }) => sessions);
          expect(counts).toEqual([...counts].sort((a, b) => b - a));
        }
      }),
    );
  });
});

describe('policyKey', () => {
  it('tells policies apart whose lines only look the same when joined', () => {
    const base: Policy = { type: 'sts', domain: 'a.example', strings: ['x', 'y'], mxHosts: [] };
    expectDistinct([base, { ...base, strings: ['x,y'] }, { ...base, strings: ['x'], mxHosts: ['y'] }].map(policyKey));
  });
});

describe('failureKey', () => {
  it('tells apart the same text in different fields', () => {
    const unknown: FailureDetails = {
      resultType: 'validation-failure',
      sendingMtaIp: undefined,
      receivingMxHostname: undefined,
      receivingMxHelo: undefined,
      receivingIp: undefined,
      additionalInformation: undefined,
      failureReasonCode: undefined,
    };
    const fields = Object.keys(unknown).filter((field) => field !== 'resultType');
    expectDistinct([unknown, ...fields.map((field) => ({ ...unknown, [field]: 'x' }))].map(failureKey));
  });
});

function expectDistinct(keys: readonly string[]): void {
  expect(new Set(keys).size).toBe(keys.length);
}
