import { describe, expect, it } from 'vitest';
import { ReporterDays } from '#pipeline/inbound/reporter-days.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const TODAY = '2026-11-30' as UtcDay;
const SINCE = '2026-10-30' as UtcDay;

/** Who reported so many days ago. */
function silent(...daysAgo: readonly number[]): number[] {
  const reporters = new ReporterDays();
  for (const days of daysAgo) reporters.add(daysBefore(TODAY, days), 'One');
  return reporters.silentSince(SINCE, TODAY).map(({ silentDays }) => silentDays);
}

describe('A reporter', () => {
  it('has fallen silent when it is silent for twice as long as ever before, and more than three days', () => {
    expect([silent(1, 2, 3), silent(3, 4, 5), silent(4, 5, 6)]).toEqual([[], [], [4]]);
    expect([silent(14, 21, 28), silent(15, 22, 29)]).toEqual([[], [15]]);
  });

  it('was not silent that never had a habit, or fell silent before', () => {
    expect([silent(20, 21), silent(20, 20, 20), silent(32, 33, 34)]).toEqual([[], [], []]);
    expect(silent()).toEqual([]);
  });

  it('is named with its days, the last one that fell silent first', () => {
    const reporters = new ReporterDays();
    for (const days of [5, 6, 7, 7]) reporters.add(daysBefore(TODAY, days), 'One');
    for (const days of [4, 5, 6, 7]) reporters.add(daysBefore(TODAY, days), 'Two');
    reporters.add(TODAY, undefined);
    expect(reporters.silentSince(SINCE, TODAY)).toEqual([
      { organization: 'Two', firstDay: '2026-11-23', lastDay: '2026-11-26', days: 4, silentDays: 4 },
      { organization: 'One', firstDay: '2026-11-23', lastDay: '2026-11-25', days: 3, silentDays: 5 },
    ]);
  });
});
