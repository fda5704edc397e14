import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKnownPolicyType } from '#tlsrpt/policy-type.ts';
import type { PolicyType, UnknownPolicyType } from '#tlsrpt/policy-type.ts';
import { isKnownResultType } from '#tlsrpt/result-type.ts';
import type { UnknownResultType } from '#tlsrpt/result-type.ts';
import { formatReport } from '#tlsrpt/report-json.ts';
import { leastSizeBytes, shortenedPolicies, sizeBytes } from '#tlsrpt/shortened-policies.ts';
import type { ReportLimits } from '#tlsrpt/shortened-policies.ts';
import type { Policy } from '#tlsrpt/session.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { FailureTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { policyTally, talliesInTwoOrders, totalsOf, UNKNOWN_DETAILS } from '#test/support/generated-tallies.ts';

const STS: Policy = { type: 'sts', domain: 'good.example', strings: ['version: STSv1'], mxHosts: ['mx.good.example'] };
const REPORT = {
  submitter: { organizationName: 'Sender Ltd.', contactInfo: 'tlsrpt@sender.example' },
  day: '2026-11-19' as UtcDay,
  reportId: 'id@sender.example',
  policyDomain: 'good.example',
};
const NOTHING: ReportLimits = { policies: 0, policyBytes: 0, failureBytes: 0 };
const limits: fc.Arbitrary<ReportLimits> = fc.record({
  policies: fc.nat(4),
  policyBytes: fc.nat(4_000),
  failureBytes: fc.nat(4_000),
});

function failureAt(receivingMxHostname: string, sessions: number): FailureTally {
  return { details: { ...UNKNOWN_DETAILS, receivingMxHostname }, sessions };
}

function tallyOf(policy: Policy, failures: readonly FailureTally[]): PolicyTally {
  return { policy, successful: 1, failed: 1, failures };
}

describe('shortenedPolicies', () => {
  it('keeps the most frequent failures and counts the rest under their result type', () => {
    const failures = [failureAt('a.example', 1), failureAt('b.example', 7), failureAt('c.example', 2)];
    const [{ failures: kept } = tallyOf(STS, [])] = shortenedPolicies('good.example', [tallyOf(STS, failures)], {
      policies: 1,
      policyBytes: 1_000,
      failureBytes: 500,
    });
    expect(kept).toEqual([
      failureAt('b.example', 7),
      { details: { ...UNKNOWN_DETAILS, failureReasonCode: 'various' }, sessions: 3 },
    ]);
  });

  it('keeps the policies with the most sessions and adds up the rest by type, without their text', () => {
    const other = { ...STS, domain: 'mx.other.example' };
    const third = { ...other, strings: ['version: STSv1', 'mode: testing'] };
    const tallies = [
      { ...tallyOf(STS, []), successful: 5 },
      tallyOf(other, [failureAt('a.example', 1)]),
      tallyOf(third, []),
    ];
    const shortened = shortenedPolicies('good.example', tallies, {
      policies: 1,
      policyBytes: 10_000,
      failureBytes: 1_000,
    });
    expect(shortened).toEqual([
      { ...tallyOf(STS, []), successful: 5 },
      {
        policy: { ...STS, strings: [], mxHosts: [] },
        successful: 2,
        failed: 2,
        failures: [failureAt('a.example', 1)],
      },
    ]);
  });

  it('leaves what fits as it is', () => {
    fc.assert(
      fc.property(fc.array(policyTally), (tallies) => {
        expect(shortenedPolicies('good.example', tallies)).toEqual(mergePolicyTallies(tallies));
      }),
    );
  });

  it('keeps the totals, all in all and for each policy type and result type', () => {
    fc.assert(
      fc.property(fc.array(policyTally), limits, (tallies, some) => {
        const shortened = shortenedPolicies('good.example', tallies, some);
        for (const type of ['sts', 'tlsa', 'no-policy-found'] as const) {
          const ofType = (list: readonly PolicyTally[]): PolicyTally[] =>
            list.filter(({ policy }) => knownPolicyType(policy.type) === type);
          expect(totalsOf(ofType(shortened))).toEqual(totalsOf(ofType(tallies)));
        }
        expect(sessionsByResultType(shortened)).toEqual(sessionsByResultType(tallies));
      }),
    );
  });

  it('is bounded also where another host made up a type for each policy and each failure', () => {
    const typeOf = (index: number): UnknownResultType => `type-${String(index)}` as UnknownResultType;
    const tallies = Array.from({ length: 400 }, (_, index) =>
      tallyOf(
        { ...STS, type: `type-${String(index)}` as UnknownPolicyType },
        Array.from({ length: 100 }, (__, other) => ({
          details: { ...UNKNOWN_DETAILS, resultType: typeOf(other) },
          sessions: 1,
        })),
      ),
    );
    const shortened = shortenedPolicies('good.example', tallies, {
      policies: 2,
      policyBytes: 10_000,
      failureBytes: 1_000,
    });
    expect(shortened.map(({ policy }) => policy.type)).toEqual(['no-policy-found', 'type-0', 'type-1']);
    expect(shortened.flatMap(({ failures }) => failures).length).toBeLessThan(8);
    expect(totalsOf(shortened)).toEqual(totalsOf(tallies));
  });

  it('gives the same in whatever order the tallies come', () => {
    fc.assert(
      fc.property(talliesInTwoOrders, limits, ([tallies, inOtherOrder], some) => {
        expect(shortenedPolicies('good.example', inOtherOrder, some)).toEqual(
          shortenedPolicies('good.example', tallies, some),
        );
      }),
    );
  });

  it('leaves one entry for each policy type when nothing fits', () => {
    fc.assert(
      fc.property(fc.array(policyTally), (tallies) => {
        const shortened = shortenedPolicies('good.example', tallies, NOTHING);
        expect(shortened.map(({ policy }) => policy.type)).toEqual(
          [...new Set(tallies.map(({ policy }) => knownPolicyType(policy.type)))].sort(),
        );
        for (const { failures } of shortened) expect(failures.length).toBeLessThanOrEqual(11);
      }),
    );
  });
});

describe('leastSizeBytes', () => {
  it('is no more than the size of a report', () => {
    fc.assert(
      fc.property(fc.array(policyTally), (tallies) => {
        const report = { ...REPORT, policies: tallies };
        expect(leastSizeBytes(tallies)).toBeLessThanOrEqual(sizeBytes(formatReport(report)));
      }),
    );
  });

  it('counts the texts', () => {
    const failure = { details: { ...UNKNOWN_DETAILS, failureReasonCode: '€' }, sessions: 1 };
    expect(leastSizeBytes([tallyOf(STS, [failure])])).toBe(
      280 + STS.domain.length + 'version: STSv1'.length + 'validation-failure'.length + 1,
    );
  });
});

describe('sizeBytes', () => {
  it.each([
    ['a', 1],
    ['ü', 2],
    ['€', 3],
    ['📧', 4],
  ])('of %s is %d', (text, bytes) => {
    expect(sizeBytes(text)).toBe(bytes);
  });
});

function sessionsByResultType(tallies: readonly PolicyTally[]): Record<string, number> {
  const sessions: Record<string, number> = {};
  for (const { details, sessions: count } of tallies.flatMap(({ failures }) => failures)) {
    const type = isKnownResultType(details.resultType) ? details.resultType : 'validation-failure';
    if (count > 0) sessions[type] = (sessions[type] ?? 0) + count;
  }
  return sessions;
}

function knownPolicyType(type: PolicyType): PolicyType {
  return isKnownPolicyType(type) ? type : 'no-policy-found';
}
