import { describe, expect, it } from 'vitest';
import { BoundedPolicies } from '#tlsrpt/bounded-policies.ts';
import { MAX_DOCUMENT_BYTES } from '#tlsrpt/shortened-policies.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import { expiredAt } from '#test/support/failure-tallies.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';

/** So that a few hundred of them are more than a document holds. */
const LONG = ['3 1 1 ' + 'a'.repeat(20_000)];

function tallyOf(index: number, successful: number, strings: readonly string[] = LONG): PolicyTally {
  const domain = `d${String(index).padStart(7, '0')}.example`;
  const failures = index % 2 === 0 ? [expiredAt(`192.0.2.${String(index % 7)}`)] : [];
  return {
    policy: { type: 'tlsa', domain, strings, mxHosts: ['mx.example'] },
    successful,
    failed: failures.length,
    failures,
  };
}

function sums(policies: readonly PolicyTally[]): number[] {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return [
    sum(policies.map(({ successful }) => successful)),
    sum(policies.map(({ failed }) => failed)),
    sum(policies.flatMap(({ failures }) => failures).map(({ sessions }) => sessions)),
  ];
}

describe('BoundedPolicies', () => {
  it('has all of what a document can hold, in the order of mergePolicyTallies', () => {
    const tallies = Array.from({ length: 40 }, (_, index) => tallyOf(39 - index, 1));
    const policies = new BoundedPolicies('mx.example');
    for (const tally of tallies) policies.add([tally]);
    expect(policies.all()).toEqual(mergePolicyTallies(tallies));
  });

  it('never holds more than a document can, however much there is, and keeps every sum', () => {
    const count = 5_000;
    const policies = new BoundedPolicies('mx.example');
    let most = 0;
    for (let index = 0; index < count; index += 1) {
      policies.add([tallyOf(index, index === 17 ? 1_000 : 1)]);
      most = Math.max(most, policies.size);
    }
    expect(most).toBeLessThanOrEqual(MAX_DOCUMENT_BYTES / 20_000 + 1);
    expect(sums(policies.all())).toEqual([count - 1 + 1_000, count / 2, count / 2]);
    expect(policies.all().map(({ policy }) => policy.domain)).toContain('d0000017.example'); // the most frequent
  });

  it('gives what came last no other rights than what came before', () => {
    const policies = new BoundedPolicies('mx.example');
    for (let index = 0; index < 1_000; index += 1) policies.add([tallyOf(index, 1_000 - index)]);
    const domains = policies.all().map(({ policy }) => policy.domain);
    expect(domains.at(0)).toBe('d0000000.example');
    expect(domains).not.toContain('d0000999.example');
  });

  it('leaves one part as it is, however large', () => {
    const part = Array.from({ length: 1_000 }, (_, index) => tallyOf(index, 1));
    const policies = new BoundedPolicies('mx.example');
    policies.add(part);
    expect(policies.all()).toEqual(part);
  });
});
