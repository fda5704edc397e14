import { describe, expect, it } from 'vitest';
import { FailureKinds } from '#pipeline/inbound/failure-kinds.ts';
import type { FailureKind } from '#pipeline/inbound/failure-kinds.ts';
import { summarizeInbound } from '#tlsrpt/inbound-summary.ts';
import type { PolicySummary } from '#tlsrpt/inbound-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import { soundDocument } from '#test/support/inbound-documents.ts';
import { entryToPack, verified } from '#test/support/inbound-entries.ts';
import type { InboundEntry } from '#store/inbound/inbound-entry.ts';

const [FIRST, SECOND, THIRD] = ['2026-01-01', '2026-01-02', '2026-01-09'] as [UtcDay, UtcDay, UtcDay];

function entryOf(organization: string, verification?: Verification): InboundEntry {
  const packed = entryToPack({
    document: { ...soundDocument(), 'organization-name': organization },
    ...(verification && { verification }),
  });
  return { ...packed, report: summarizeInbound(packed.report) };
}

function policyWith(resultType: string, sessions: number): PolicySummary {
  return { type: 'sts', domain: 'a.example', successful: 1, failed: sessions, failures: [{ resultType, sessions }] };
}

function onlyKind(kinds: FailureKinds): FailureKind | undefined {
  return kinds.since(FIRST)[0];
}

describe('A kind of failure', () => {
  it('was seen from its first day to its last, by whoever told of it', () => {
    const kinds = new FailureKinds();
    kinds.add(THIRD, entryOf('One'), [policyWith('dane-required', 1)]);
    kinds.add(FIRST, entryOf('Two', verified), [policyWith('dane-required', 10)]);
    kinds.add(FIRST, entryOf('One'), [policyWith('dane-required', 100)]);
    expect(onlyKind(kinds)).toEqual({
      resultType: 'dane-required',
      policyType: 'sts',
      policyDomain: 'a.example',
      firstDay: FIRST,
      lastDay: THIRD,
      days: 2,
      sessions: 111,
      isVerified: true,
      organizations: ['One', 'Two'],
    });
  });

  it('is shown while it was seen since a day, the latest first, then the most frequent', () => {
    const kinds = new FailureKinds();
    kinds.add(THIRD, entryOf('One'), [policyWith('few', 1), policyWith('many', 2)]);
    kinds.add(SECOND, entryOf('One'), [policyWith('earlier', 9)]);
    kinds.add(FIRST, entryOf('One'), [policyWith('gone', 9), policyWith('few', 1)]);
    expect(kinds.since(SECOND).map(({ resultType, firstDay }) => [resultType, firstDay])).toEqual([
      ['few', FIRST],
      ['many', THIRD],
      ['earlier', SECOND],
    ]);
  });

  it('has no result type where sessions failed and nobody says why', () => {
    const kinds = new FailureKinds();
    kinds.add(FIRST, entryOf('One'), [
      { ...policyWith('x', 4), failures: [] },
      { ...policyWith('x', 0), failures: [] },
    ]);
    expect(kinds.since(FIRST).map(({ resultType, sessions }) => [resultType, sessions])).toEqual([[undefined, 4]]);
  });

  it('has room, however many kinds strangers make up', () => {
    const kinds = new FailureKinds();
    const many = Array.from({ length: 7_000 }, (_, index) => policyWith(String(index), 1));
    kinds.add(FIRST, entryOf('One'), many);
    expect(kinds.since(FIRST)).toHaveLength(5_000);
  });
});
