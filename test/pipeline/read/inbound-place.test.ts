import { describe, expect, it } from 'vitest';
import { inboundPlace, periodDayOf } from '#pipeline/read/inbound-place.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const TODAY = '2026-11-20' as UtcDay;
const byPeriod = (day: string): unknown => ({ day, by: 'period' });
const byReceipt = { day: TODAY, by: 'receipt' };

describe('The day under which a report of others is kept', () => {
  it.each([
    ['2026-11-19', byPeriod('2026-11-19')],
    ['2026-11-10', byPeriod('2026-11-10')], // the last one that is kept
    ['2026-11-09', undefined],
    ['0001-01-01', undefined],
    ['2026-11-20', byPeriod('2026-11-20')],
    ['2026-11-21', byPeriod('2026-11-21')], // its clock is ahead
    ['2026-11-22', byReceipt],
    ['9999-12-31', byReceipt],
    [undefined, byReceipt],
  ])('of a period on %s is found', (day, place) => {
    expect(inboundPlace(day as UtcDay | undefined, { today: TODAY, keepDays: 10 })).toEqual(place);
  });
});

describe('The day that a period is about', () => {
  it.each([
    ['2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z', '2026-01-31'],
    ['2026-01-31T00:00:00Z', '2026-01-31T23:59:59Z', '2026-01-31'],
    ['2026-01-30T23:00:00Z', '2026-01-31T23:00:00Z', '2026-01-31'], // a day of another zone
    ['2026-01-31T07:00:00Z', '2026-02-01T07:00:00Z', '2026-01-31'],
    ['2026-01-31T00:00:00Z', '2026-02-07T00:00:00Z', '2026-01-31'],
    ['2026-01-31T00:00:00Z', '2026-01-30T00:00:00Z', '2026-01-31'],
    ['2026-01-31T12:00:00Z', undefined, '2026-01-31'],
    [undefined, '2026-02-01T00:00:00Z', '2026-01-31'],
    [undefined, undefined, undefined],
  ])('from %s to %s is %s', (start, end, day) => {
    const timeOf = (text: string | undefined): number | undefined =>
      text === undefined ? undefined : Date.parse(text);
    expect(periodDayOf({ startMs: timeOf(start), endMs: timeOf(end) })).toBe(day);
  });
});
