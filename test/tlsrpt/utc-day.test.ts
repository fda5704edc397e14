import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysBefore, endOfDayMs, parseUtcDay, previousDay, startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

describe('parseUtcDay', () => {
  it.each(['2026-11-19', '2024-02-29', '1970-01-01', '9999-12-31'])('reads %s', (text) => {
    expect(parseUtcDay(text)).toBe(text);
  });

  it.each([
    '',
    '2026-02-29', // no leap year
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-1-9',
    '26-11-19',
    '2026-11-19T00:00:00Z',
    ' 2026-11-19',
    '2026-11-19\n',
    '20261119',
    'yesterday',
    '../../2026-11-19',
  ])('refuses %j', (text) => {
    expect(parseUtcDay(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^\d{4}-\d{2}-\d{2}$/)), (text) => {
        expect([text, undefined]).toContain(parseUtcDay(text));
      }),
    );
  });
});

describe('a UTC day', () => {
  it('begins at midnight and ends where the next one begins', () => {
    expect(startOfDayMs(DAY)).toBe(Date.UTC(2026, 10, 19));
    expect(endOfDayMs(DAY)).toBe(Date.UTC(2026, 10, 20));
  });

  it('has its last millisecond at 23:59:59.999Z', () => {
    expect(utcDayOf(Date.parse('2026-11-19T23:59:59.999Z'))).toBe('2026-11-19');
    expect(utcDayOf(Date.parse('2026-11-20T00:00:00Z'))).toBe('2026-11-20');
  });

  it.each([
    ['2026-11-19', '2026-11-18'],
    ['2026-03-01', '2026-02-28'],
    ['2024-03-01', '2024-02-29'],
    ['2027-01-01', '2026-12-31'],
  ])('%s comes after %s', (day, before) => {
    expect(previousDay(day as UtcDay)).toBe(before);
  });

  it('lies as many days before another as one goes back', () => {
    expect(daysBefore(DAY, 30)).toBe('2026-10-20');
    expect(daysBefore(DAY, 0)).toBe(DAY);
  });
});
