import { describe, expect, it } from 'vitest';
import { ReportedFailures } from '#pipeline/inbound/reported-failures.ts';
import type { InboundEntry } from '#store/inbound/inbound-entry.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { entryToPack, verified } from '#test/support/inbound-entries.ts';

const DAY = '2026-03-30' as UtcDay;

/** Of so many policies, of each of which sessions failed. */
function entryOf(sender: string, policies: number): InboundEntry {
  const { report, ...entry } = entryToPack();
  const policyOf = (_: unknown, number: number): InboundEntry['report']['policies'][number] => ({
    type: 'sts',
    domain: `${sender}-${String(number)}.example`,
    successful: 0,
    failed: 1,
    failures: [],
  });
  const summary = {
    ...report,
    policies: Array.from({ length: policies }, policyOf),
    omittedPolicies: 0,
    omittedTypes: 0,
  };
  return { ...entry, report: summary, verification: { ...verified, domain: sender } };
}

describe('ReportedFailures', () => {
  it('has room of its own for each sender, and counts what finds none', () => {
    const reported = new ReportedFailures();
    reported.add(DAY, entryOf('liar.example', 60_000));
    reported.add(DAY, entryOf('mail.liar.example', 10));
    expect([reported.failures().length, reported.leftOut]).toEqual([5_000, 55_010]);
    reported.add(DAY, entryOf('honest.example2', 2));
    expect([reported.failures().length, reported.leftOut]).toEqual([5_002, 55_010]);
  });
});
