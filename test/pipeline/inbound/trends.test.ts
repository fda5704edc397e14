import { describe, expect, it } from 'vitest';
import type { DayResult } from '#pipeline/inbound/day-results.ts';
import { daysFrom, trendsOf } from '#pipeline/inbound/trends.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

function result(day: string, policyDomain: string, successful: number, failed = 0): DayResult {
  const reporter = { organization: 'One', verifiedDomain: undefined, reports: 1, failures: [] };
  return { ...reporter, day: day as UtcDay, policyType: 'sts', policyDomain, successful, failed };
}

describe('How policies fare from day to day', () => {
  it('is added up over reporters, with nothing on days without reports, the busiest policy first', () => {
    const days = daysFrom('2026-02-27' as UtcDay, '2026-03-02' as UtcDay);
    expect(days).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
    const results = [
      result('2026-02-27', 'few.example', 1),
      result('2026-02-28', 'a.example', 1, 2),
      result('2026-02-28', 'a.example', 10, 20),
      result('2026-03-02', 'a.example', 5),
    ];
    expect(trendsOf(results, days, 1)).toMatchObject([{ policyDomain: 'a.example' }]);
    expect(trendsOf(results, days, 9)).toEqual([
      { policyType: 'sts', policyDomain: 'a.example', successful: [0, 11, 0, 5], failed: [0, 22, 0, 0] },
      { policyType: 'sts', policyDomain: 'few.example', successful: [1, 0, 0, 0], failed: [0, 0, 0, 0] },
    ]);
  });
});
