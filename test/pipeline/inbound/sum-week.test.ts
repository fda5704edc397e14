import { describe, expect, it } from 'vitest';
import type { DayResult } from '#pipeline/inbound/day-results.ts';
import { latestWeek, sumWeek } from '#pipeline/inbound/sum-week.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const result: DayResult = {
  day: '2026-03-16' as UtcDay,
  organization: 'Reporter Inc.',
  verifiedDomain: 'reporter.example',
  policyType: 'sts',
  policyDomain: 'a.example',
  reports: 1,
  successful: 10,
  failed: 2,
  failures: [{ resultType: 'certificate-expired', sessions: 2 }],
};

describe('latestWeek', () => {
  it.each([
    ['2026-03-24', '2026-03-09'], // Tuesday
    ['2026-03-25', '2026-03-16'],
    ['2026-03-31', '2026-03-16'],
    ['2026-04-01', '2026-03-23'],
  ])('is on %s that of %s', (today, monday) => {
    expect(latestWeek(today as UtcDay)).toBe(monday);
  });
});

describe('sumWeek', () => {
  it('adds up each policy from Monday to Sunday, and keeps strangers apart', () => {
    const [monday, sunday] = ['2026-03-16' as UtcDay, '2026-03-22' as UtcDay];
    const other = {
      ...result,
      day: sunday,
      organization: 'Other',
      failures: [{ resultType: 'tlsa-invalid', sessions: 9 }],
    };
    const late = { ...result, day: '2026-03-23' as UtcDay };
    const stranger = { ...result, verifiedDomain: undefined, failed: 99 };
    const { policies, lastDay } = sumWeek({ results: [result, stranger, other, late], silent: [] }, monday);
    expect(lastDay).toBe(sunday);
    expect(
      policies.map(({ isVerified, reporters, successful, failed }) => [isVerified, reporters, successful, failed]),
    ).toEqual([
      [true, 2, 20, 4],
      [false, 1, 10, 99],
    ]);
    expect(policies[0]?.failures).toEqual([
      { resultType: 'tlsa-invalid', sessions: 9 },
      { resultType: 'certificate-expired', sessions: 2 },
    ]);
  });
});
