import { describe, expect, it } from 'vitest';
import { minuteOf, roundPlans } from '#cli/wiring/round-plans.ts';

const HOUR_MS = 3_600_000;
const NONE = { sources: [], fetchDeadline: 0 };

function plansAt(
  time: string,
  random = 0.5,
  settings: Parameters<typeof roundPlans>[0]['settings'] = NONE,
): ReturnType<typeof roundPlans> {
  return roundPlans({ settings, nowMs: Date.parse(time), random: () => random });
}

describe('The rounds of run', () => {
  it('report every hour, between minute 10 and 40, and send every five minutes', () => {
    const { reports, deliveries } = plansAt('2026-11-29T12:00:00Z');
    expect([reports.intervalMs, minuteOf(reports), deliveries.intervalMs]).toEqual([HOUR_MS, 25, 300_000]);
    expect(minuteOf(plansAt('2026-11-29T12:00:00Z', 0).reports)).toBe(10);
    expect(minuteOf(plansAt('2026-11-29T12:00:00Z', 0.999).reports)).toBe(39);
  });

  it('fetch before they report, where there are sources, and give a source its time', () => {
    const wordsOf = ({ reports }: ReturnType<typeof roundPlans>): string[] =>
      reports.steps.map(({ words }) => words.join(' '));
    expect(wordsOf(plansAt('2026-11-29T12:00:00Z'))).toEqual(['report --day unreported --deliver']);
    const plans = plansAt('2026-11-29T12:00:00Z', 0, { sources: ['/a'], fetchDeadline: 24 * HOUR_MS });
    expect(wordsOf(plans)).toEqual(['fetch --day unreported', 'report --day unreported --deliver']);
    expect(plans.reports.steps[0]?.deadlineMs).toBeGreaterThan(24 * HOUR_MS);
  });

  it.each([
    ['2026-11-29T00:00:00Z', false],
    ['2026-11-29T00:24:59Z', false],
    ['2026-11-29T00:25:00Z', true],
    ['2026-11-29T23:59:59Z', true],
  ])('begin at once at %s, to report and deliver: %s, or to send alone', (time, isReportDue) => {
    const { reports, deliveries } = plansAt(time);
    expect([reports.isDueAtOnce, deliveries.isDueAtOnce]).toEqual([isReportDue, !isReportDue]);
  });
});
