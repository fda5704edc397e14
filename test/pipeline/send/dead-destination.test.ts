import { describe, expect, it } from 'vitest';
import { afterAcceptance, afterBounce, afterRefusal } from '#pipeline/send/dead-destination.ts';
import type { Reaction, Refusals } from '#pipeline/send/dead-destination.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY_MS = 86_400_000;
const REFUSED_ONLY = { hasBounced: false, takenSince: undefined };
const START_MS = Date.UTC(2026, 10, 20, 6);

/** What follows from refusals on days counted from the first, one after another. */
function refusedOn(days: readonly number[], before?: Refusals): Reaction {
  const reactions: Reaction[] = [];
  for (const day of days) reactions.push(afterRefusal(reactions.at(-1)?.refusals ?? before, START_MS + day * DAY_MS));
  return reactions.at(-1) as Reaction;
}

/** The number of days for which it is suppressed. */
function suppressedFor(days: readonly number[], before?: Refusals): number | undefined {
  const { suppressedUntilMs } = refusedOn(days, before);
  return suppressedUntilMs && (suppressedUntilMs - START_MS - (days.at(-1) ?? 0) * DAY_MS) / DAY_MS;
}

describe('an address that refuses', () => {
  it.each([[[0]], [[0, 1]], [[0, 0, 0, 0]], [[0, 1, 1]], [[0, 1, 3]], [[0, 2, 3]], [[0, 1, 3, 4]]])(
    'on days %j gets further reports',
    (days) => {
      expect(suppressedFor(days)).toBeUndefined();
    },
  );

  it.each([[[0, 1, 2]], [[0, 0, 1, 1, 2]], [[0, 3, 4, 5]]])('on days %j is left alone for a week', (days) => {
    expect(suppressedFor(days)).toBe(7);
  });

  it.each([
    [1, 14],
    [2, 28],
    [3, 28],
    [10, 28],
  ])('again, after it was suppressed %i times, is left alone for %i days', (suppressedTimes, days) => {
    const { refusals: first } = refusedOn([-30]);
    expect(suppressedFor([0, 1, 2], { ...first, suppressedTimes })).toBe(days);
  });

  it('has three more days after it was suppressed', () => {
    const { refusals } = refusedOn([0, 1, 2]);
    expect(refusals).toEqual({ days: 0, lastDay: '2026-11-22', suppressedTimes: 1, ...REFUSED_ONLY });
    expect(suppressedFor([9, 10], refusals)).toBeUndefined();
    expect(suppressedFor([9, 10, 11], refusals)).toBe(14);
  });
});

describe('an address of which a mail came back', () => {
  const bounced: Refusals = {
    days: 2,
    lastDay: '2026-11-20' as UtcDay,
    suppressedTimes: 1,
    hasBounced: true,
    takenSince: undefined,
  };

  it('is not made worse by a mail that was sent before, and came back later', () => {
    const late = afterBounce(bounced, { sentOn: '2026-11-18' as UtcDay, nowMs: START_MS });
    expect(late).toEqual({ refusals: bounced, suppressedUntilMs: undefined });
  });

  it('does not wait for a day that a clock had which was ahead', () => {
    const ahead = { ...bounced, lastDay: '2027-11-20' as UtcDay };
    expect(afterBounce(ahead, { sentOn: '2026-11-19' as UtcDay, nowMs: START_MS }).refusals).toMatchObject({
      days: 1,
      lastDay: '2026-11-19',
    });
    const taken = { ...bounced, takenSince: '2027-11-20' as UtcDay };
    expect(afterAcceptance(taken, START_MS)?.takenSince).toBe('2026-11-20');
  });

  it.each([
    ['2026-11-16', '2026-11-16'],
    ['2026-11-15', undefined],
  ])('of which the mails are taken since %s is cleared by that: %s', (takenSince, left) => {
    expect(afterAcceptance({ ...bounced, takenSince: takenSince as UtcDay }, START_MS)?.takenSince).toBe(left);
  });

  it('is never cleared by one that is taken alone, as one that only refused is', () => {
    expect(afterAcceptance(bounced, START_MS)).toEqual({ ...bounced, takenSince: '2026-11-20' });
    expect(afterAcceptance({ ...bounced, hasBounced: false }, START_MS)).toBeUndefined();
    expect(afterAcceptance(undefined, START_MS)).toBeUndefined();
  });
});
