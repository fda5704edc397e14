import { describe, expect, it } from 'vitest';
import { findReport } from '#pipeline/status/find-report.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

describe('A report', () => {
  it('whose id begins as any number of others do is one of them all', () => {
    const reports = Array.from({ length: 200_000 }, (_, index) => ({
      reportId: `${DAY}.${String(index)}@mx.example`,
      policyDomain: `${String(index)}.example`,
    }));
    const outboxes = { days: () => [DAY], readReport: () => undefined, read: () => ({ reports }) };
    const finding = findReport({ outboxes } as unknown as Store, DAY);
    expect(finding.kind === 'several' && finding.reportIds.length).toBe(200_000);
  });
});
