import { describe, expect, it } from 'vitest';
import { documentWith, only, remarksIn, reportsIn } from '#test/support/inbound-documents.ts';

const range = (start: unknown, end: unknown): Record<string, unknown> =>
  documentWith({}, { 'date-range': { 'start-datetime': start, 'end-datetime': end } });

describe('the period of a report of others', () => {
  const DAY = Date.UTC(2026, 0, 31);
  const NEXT = Date.UTC(2026, 1, 1);
  it.each<[string, unknown, [number | undefined, number | undefined], string]>([
    [
      'ends at the next midnight',
      range('2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z'),
      [DAY, NEXT],
      'ends-at-midnight date-range.end-datetime',
    ],
    [
      'ends at 24:00',
      range('2026-01-31T00:00:00Z', '2026-01-31T24:00:00Z'),
      [DAY, NEXT],
      'ends-at-midnight date-range.end-datetime',
    ],
    [
      'has no zone',
      range('2026-01-31T00:00:00', '2026-01-31T23:59:59'),
      [DAY, NEXT],
      'date-without-zone date-range.start-datetime,date-without-zone date-range.end-datetime',
    ],
    ['has another zone', range('2026-01-31T02:00:00+02:00', '2026-01-31T18:59:59.999-05:00'), [DAY, NEXT], ''],
    [
      'has dates alone',
      range('2026-01-31', '2026-01-31'),
      [DAY, NEXT],
      'date-without-zone date-range.start-datetime,date-without-zone date-range.end-datetime',
    ],
    [
      'is a week',
      range('2026-01-31T00:00:00Z', '2026-02-06T23:59:59Z'),
      [DAY, DAY + 7 * 86_400_000],
      'not-one-day date-range',
    ],
    [
      'ends before it begins',
      range('2026-02-03T00:00:00Z', '2026-01-31T23:59:59Z'),
      [Date.UTC(2026, 1, 3), NEXT],
      'date-range-reversed date-range',
    ],
    [
      'is on a day that there is not',
      range('2026-02-30T00:00:00Z', '2026-01-31T23:59:59Z'),
      [undefined, NEXT],
      'date-form date-range.start-datetime',
    ],
    ['is not there', documentWith({}, { 'date-range': null }), [undefined, undefined], 'member-empty date-range'],
  ])('is known when it %s', (_what, document, expected, remarks) => {
    const { startMs, endMs } = only(reportsIn(document));
    expect([startMs, endMs]).toEqual(expected);
    expect(remarksIn(document).join(',')).toBe(remarks);
  });
});
