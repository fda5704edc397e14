import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsLeft, formatReportedCounts, unreportedAmong } from '#pipeline/report/reported-counts.ts';
import { ProblemOfOne } from '#support/problem.ts';
import type { Policy } from '#tlsrpt/session.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import { expiredAt } from '#test/support/failure-tallies.ts';
import type { FailureTally, PolicyTally } from '#tlsrpt/tally.ts';

const STS: Policy = { type: 'sts', domain: 'a.example', strings: ['version: STSv1'], mxHosts: [] };

function unreported(policies: readonly PolicyTally[], reported: readonly string[]): readonly PolicyTally[] {
  return unreportedAmong(policies, countsLeft(reported));
}

function tally(successful: number, failed: number, failures: readonly FailureTally[] = []): PolicyTally {
  return { policy: STS, successful, failed, failures };
}

describe('What is unreported', () => {
  it.each(['', '{}', '[["a",1.0,[]]]', '[["a",1,2,[["b"]]]]', '[["a",-1,2,[]]]'])(
    'cannot be told where the counts of a report are damaged: %j',
    (counts) => {
      expect(() => unreported([tally(1, 0)], [counts])).toThrow(ProblemOfOne);
    },
  );

  it('is everything when nothing was reported', () => {
    expect(unreported([tally(1, 2, [expiredAt('192.0.2.1', 2)])], [])).toEqual([
      tally(1, 2, [expiredAt('192.0.2.1', 2)]),
    ]);
  });

  it('is nothing when everything was reported, in one report or in several', () => {
    const parts = [tally(1, 2, [expiredAt('192.0.2.1', 2)]), tally(3, 1, [expiredAt('192.0.2.1', 1)])];
    const all = mergePolicyTallies(parts);
    expect(unreported(all, [formatReportedCounts(all)])).toEqual([]);
    expect(
      unreported(
        all,
        parts.map((part) => formatReportedCounts([part])),
      ),
    ).toEqual([]);
  });

  it('is what each policy and each failure has more than was reported', () => {
    const reported = formatReportedCounts([tally(1, 2, [expiredAt('192.0.2.1', 2)])]);
    const now = [tally(1, 4, [expiredAt('192.0.2.1', 3), expiredAt('192.0.2.2', 1)])];
    expect(unreported(now, [reported])).toEqual([tally(0, 2, [expiredAt('192.0.2.1', 1), expiredAt('192.0.2.2', 1)])]);
  });

  it('knows a policy whose TLSA records come in another order', () => {
    const tlsa = (strings: string[]): PolicyTally => ({ ...tally(2, 0), policy: { ...STS, type: 'tlsa', strings } });
    expect(
      unreported([tlsa(['3 1 1 aa', '3 1 1 bb'])], [formatReportedCounts([tlsa(['3 1 1 bb', '3 1 1 aa'])])]),
    ).toEqual([]);
    const both = [tlsa(['3 1 1 aa', '3 1 1 bb']), tlsa(['3 1 1 bb', '3 1 1 aa'])];
    expect(unreported(both, [formatReportedCounts([tlsa(['3 1 1 aa', '3 1 1 bb'])])])).toHaveLength(1);
  });

  it('never asks back what is missing now', () => {
    expect(unreported([tally(1, 0)], [formatReportedCounts([tally(5, 3, [expiredAt('192.0.2.1', 3)])])])).toEqual([]);
  });

  it('makes up, together with what was reported, for all there is', () => {
    const count = fc.nat(50);
    const part = fc.record({ successful: count, withoutDetails: count, one: count, other: count });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.nat(5), (parts, reportedParts) => {
        const tallies = parts.map(({ successful, withoutDetails, one, other }) =>
          tally(successful, withoutDetails + one + other, [expiredAt('192.0.2.1', one), expiredAt('192.0.2.2', other)]),
        );
        const reported = mergePolicyTallies(tallies.slice(0, reportedParts));
        const all = mergePolicyTallies(tallies);
        const sums = (counted: readonly PolicyTally[]): number[] => [
          counted.reduce((sum, { successful }) => sum + successful, 0),
          counted.reduce((sum, { failed }) => sum + failed, 0),
          counted.flatMap(({ failures }) => failures).reduce((sum, { sessions }) => sum + sessions, 0),
        ];
        const left = sums(unreported(all, [formatReportedCounts(reported)]));
        expect(sums(reported).map((sum, index) => sum + (left[index] ?? 0))).toEqual(sums(all));
      }),
    );
  });
});
