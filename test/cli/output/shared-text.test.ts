import { describe, expect, it } from 'vitest';
import { sharedJson, sharedText } from '#cli/output/shared-text.ts';
import type { SharedDayStatus } from '#pipeline/share/read-shared-days.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const NONE = { queued: 0, deferred: 0, delivered: 0, bounced: 0, refused: 0, expired: 0, suppressed: 0 };

function dayOf(wish: Partial<SharedDayStatus> = {}): SharedDayStatus {
  return {
    day: '2026-11-19' as UtcDay,
    buckets: { done: 200, left: 20, held: 30, untouched: 6 },
    reporters: [],
    reports: 28,
    deliveries: { queued: 1, deferred: 2, delivered: 3, bounced: 4, refused: 5, expired: 6, suppressed: 7 },
    nextAttemptMs: undefined,
    ...wish,
  };
}

describe('sharedText', () => {
  it('says that nothing has been shared', () => {
    expect(sharedText([])).toBe('Nothing has been shared yet.\n');
  });

  it('has a row for each day', () => {
    const [names, row, ...rest] = sharedText([dayOf()])
      .split('\n')
      .map((line) => line.split(/ +/));
    const cells = Object.fromEntries((names ?? []).map((name, number) => [name, row?.[number]]));
    expect(cells).toEqual({
      ...{ day: '2026-11-19', reports: '28', delivered: '3', waiting: '3', failed: '15', suppressed: '7' },
      ...{ done: '200', held: '30', left: '20', untouched: '6' },
    });
    expect(rest).toEqual([['']]);
  });

  it('says below who holds buckets and what is due, whatever a host calls itself and its clock says', () => {
    const reporters = [
      { host: 'mx1\u001b[2J\n', buckets: 30, heardMs: Date.UTC(2026, 10, 20, 6) },
      { host: 'mx2', buckets: 1, heardMs: Number.MAX_SAFE_INTEGER },
    ];
    const [first, second, third] = sharedText([dayOf({ reporters, nextAttemptMs: Date.UTC(2026, 10, 20, 7) })])
      .split('\n')
      .slice(3);
    expect(first).toMatch(
      /^2026-11-19 mx1[^\u001b]* has 30 buckets, and was last heard of at 2026-11-20T06:00:00.000Z$/,
    );
    expect(second).toContain('mx2 has 1 buckets, and was last heard of at a time that is none');
    expect(third).toBe('2026-11-19 what waits is due from 2026-11-20T07:00:00.000Z on');
  });
});

describe('sharedJson', () => {
  it('has what docs/json.md says', () => {
    const reporters = [{ host: 'mx1', buckets: 30, heardMs: 0 }];
    expect(
      sharedJson('https://c/p', [dayOf({ reporters }), dayOf({ deliveries: NONE, nextAttemptMs: 1_000 })]),
    ).toEqual({
      cluster: 'https://c/p',
      days: [
        {
          ...{
            day: '2026-11-19',
            buckets: dayOf().buckets,
            reports: 28,
            counts: dayOf().deliveries,
            nextAttempt: null,
          },
          reporters: [{ host: 'mx1', buckets: 30, heard: '1970-01-01T00:00:00.000Z' }],
        },
        {
          ...{ day: '2026-11-19', buckets: dayOf().buckets, reports: 28, counts: NONE, reporters: [] },
          nextAttempt: '1970-01-01T00:00:01.000Z',
        },
      ],
    });
  });
});
