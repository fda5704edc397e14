import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportedPolicies } from '#tlsrpt/reported-policies.ts';
import type { Policy } from '#tlsrpt/session.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import { policyTally, talliesInTwoOrders, totalsOf, UNKNOWN_DETAILS } from '#test/support/generated-tallies.ts';

const STS: Policy = { type: 'sts', domain: 'good.example', strings: ['version: STSv1', 'mode: enforce'], mxHosts: [] };
const TLSA: Policy = { type: 'tlsa', domain: 'mx.good.example', strings: ['3 1 1 ab12'], mxHosts: [] };

function tallyOf(policy: Partial<Policy>, counts: Partial<PolicyTally> = {}): PolicyTally {
  return { policy: { ...STS, ...policy }, successful: 1, failed: 0, failures: [], ...counts };
}

function policiesOf(...policies: Partial<Policy>[]): Policy[] {
  return reportedPolicies(
    'good.example',
    policies.map((policy) => tallyOf(policy)),
  ).map(({ policy }) => policy);
}

describe('a policy in a report', () => {
  it('says nothing about a policy where none was found', () => {
    expect(policiesOf({ type: 'no-policy-found', strings: ['x'], mxHosts: ['mx.good.example'] })).toEqual([
      { type: 'no-policy-found', domain: 'good.example', strings: [], mxHosts: [] },
    ]);
  });

  it('is none when the mode is none', () => {
    expect(policiesOf({ strings: ['version: STSv1', 'mode: none', 'mode: enforce'] })[0]?.type).toBe('no-policy-found');
    expect(policiesOf({ strings: ['mode:none'] })[0]?.type).toBe('no-policy-found');
    expect(policiesOf({ strings: ['mode: testing', 'mode: none'] })[0]?.type).toBe('sts'); // the first one counts
    expect(policiesOf({ strings: ['mode: nonesuch'] })[0]?.type).toBe('sts');
  });

  it('has the lines of an sts policy as published, in their order, errors included', () => {
    const strings = ['version: STSv1', 'mx: b.example', '', 'mx: a.example', 'mx: a.example', 'mode:  wrong'];
    expect(policiesOf({ strings: [...strings, '', ''] })[0]?.strings).toEqual(strings);
  });

  it.each([
    { strings: [''], type: 'sts' as const },
    { strings: ['', ''], type: 'sts' as const },
    { strings: [''], type: 'tlsa' as const },
  ])('has no lines when all are blank: %j', (policy) => {
    expect(policiesOf(policy)[0]?.strings).toEqual([]);
  });

  it.each([
    ['3  1 1\tab12', '3 1 1 ab12'],
    ['3 1 1 ab12 CD34', '3 1 1 ab12CD34'],
    ['3 1 1 ( ab12 )', '3 1 1 ( ab12 )'], // what is not understood stays
    ['(unusable)', '(unusable)'],
  ])('writes the TLSA record %j as %j', (line, written) => {
    expect(policiesOf({ type: 'tlsa', strings: [line] })[0]?.strings).toEqual([written]);
  });

  it('is one for a TLSA RRset, in whatever order its records come', () => {
    const [one, other] = [
      ['3 1 1 ab', '3 1 1 cd'],
      ['3 1 1 cd', '3 1 1 ab'],
    ];
    const tallies = [tallyOf({ ...TLSA, strings: one }), tallyOf({ ...TLSA, strings: other })];
    expect(reportedPolicies('good.example', tallies)).toEqual([tallyOf({ ...TLSA, strings: one }, { successful: 2 })]);
  });

  it('names the report’s own domain where the MTA named none that could be one', () => {
    const others = ['', 'not a name', '192.0.2.1', 'xn--a.example', 'a_b.example'];
    expect(policiesOf(...others.map((domain) => ({ domain })))).toEqual([STS]);
    expect(policiesOf({ domain: 'mx.other.example' })[0]?.domain).toBe('mx.other.example');
  });

  it('has each MX pattern once, and none that is not one', () => {
    const mxHosts = ['*.xn--bcher-kva.example', 'mx.good.example', 'mx.good.example', '', '*', 'a.*.example', '"<>'];
    const odder = ['192.0.2.1', '*.192.0.2.1', '*.xn--a.example', 'mx_1.good.example'];
    expect(policiesOf({ mxHosts: [...mxHosts, ...odder] })[0]?.mxHosts).toEqual([
      '*.xn--bcher-kva.example',
      'mx.good.example',
    ]);
  });
});

describe('a count in a report', () => {
  it.each([
    [Number.NaN, 0],
    [-1, 0],
    [1.5, 1],
    [2 ** 60, Number.MAX_SAFE_INTEGER],
    [Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER],
  ])('of %d becomes %d', (successful, written) => {
    expect(reportedPolicies('good.example', [tallyOf({}, { successful, failed: 1 })])[0]?.successful).toBe(written);
  });

  it('stays exact where many are added up', () => {
    const much = { successful: Number.MAX_SAFE_INTEGER - 1, failed: 1 };
    const [sum] = reportedPolicies('good.example', [tallyOf({}, much), tallyOf({}, much), tallyOf({}, much)]);
    expect(sum).toMatchObject({ successful: Number.MAX_SAFE_INTEGER, failed: 3 });
  });

  it('of nothing leaves the failure out, and the policy if nothing else was seen', () => {
    const none = { successful: 0, failures: [{ details: UNKNOWN_DETAILS, sessions: 0 }] };
    expect(reportedPolicies('good.example', [tallyOf({}, none)])).toEqual([]);
    expect(reportedPolicies('good.example', [tallyOf({}, { ...none, failed: 1 })])).toEqual([
      tallyOf({}, { successful: 0, failed: 1 }),
    ]);
  });
});

describe('reportedPolicies', () => {
  it('counts failures that a session recovered from beside its success', () => {
    const recovered = { failures: [{ details: { ...UNKNOWN_DETAILS, failureReasonCode: 'x' }, sessions: 1 }] };
    expect(reportedPolicies('good.example', [tallyOf({}, recovered)])).toEqual([tallyOf({}, recovered)]);
  });

  it('neither loses nor invents a session', () => {
    fc.assert(
      fc.property(fc.array(policyTally), (tallies) => {
        expect(totalsOf(reportedPolicies('good.example', tallies))).toEqual(totalsOf(tallies));
      }),
    );
  });

  it('gives the same in whatever order the tallies come', () => {
    fc.assert(
      fc.property(talliesInTwoOrders, ([tallies, inOtherOrder]) => {
        expect(reportedPolicies('good.example', inOtherOrder)).toEqual(reportedPolicies('good.example', tallies));
      }),
    );
  });

  it('leaves its own result as it is', () => {
    fc.assert(
      fc.property(fc.array(policyTally), (tallies) => {
        const once = reportedPolicies('good.example', tallies);
        expect(reportedPolicies('good.example', once)).toEqual(once);
      }),
    );
  });
});
