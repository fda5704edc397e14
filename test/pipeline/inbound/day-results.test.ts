import { describe, expect, it } from 'vitest';
import { DayResults } from '#pipeline/inbound/day-results.ts';
import { summarizeInbound } from '#tlsrpt/inbound-summary.ts';
import type { PolicySummary } from '#tlsrpt/inbound-summary.ts';
import { entryToPack, INBOUND_DAY, verified } from '#test/support/inbound-entries.ts';

const entry = { ...entryToPack({ verification: verified }), report: summarizeInbound(entryToPack().report) };
const policy = { type: 'sts', successful: 1, failed: 0, failures: [] };

describe('What is listed of a day', () => {
  it('is bounded, and what is left out is counted', () => {
    const results = new DayResults(INBOUND_DAY, 3);
    const many = Array.from({ length: 10 }, (_, index) => ({ ...policy, domain: `${String(index)}.example` }));
    results.add(entry, many);
    results.add(entry, many);
    expect(results.sorted().map(({ policyDomain, reports }) => [policyDomain, reports])).toEqual([
      ['0.example', 2],
      ['1.example', 2],
      ['2.example', 2],
    ]);
    expect(results.omitted).toBe(14);
  });

  it('is bounded for made-up result types as well, and the sessions of others are added up', () => {
    const results = new DayResults(INBOUND_DAY, 4);
    const failing = (...types: string[]): PolicySummary => ({
      ...policy,
      domain: 'a.example',
      failed: types.length,
      failures: types.map((resultType) => ({ resultType, sessions: 1 })),
    });
    results.add(entry, [failing('one', 'two')]);
    results.add(entry, [failing('two', 'three', 'four', 'five')]);
    expect(results.sorted()).toMatchObject([
      {
        failed: 6,
        failures: [
          { resultType: 'one', sessions: 1 },
          { resultType: 'two', sessions: 2 },
          { resultType: 'three', sessions: 1 },
        ],
      },
    ]);
    expect([results.omitted, results.room]).toEqual([2, 0]);
  });
});
