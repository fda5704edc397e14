import { describe, expect, it } from 'vitest';
import { afterRefusal } from '#pipeline/send/dead-destination.ts';
import type { Reaction, Refusals } from '#pipeline/send/dead-destination.ts';

const DAY_MS = 86_400_000;
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
    expect(refusals).toEqual({ days: 0, lastDay: '2026-11-22', suppressedTimes: 1 });
    expect(suppressedFor([9, 10], refusals)).toBeUndefined();
    expect(suppressedFor([9, 10, 11], refusals)).toBe(14);
  });
});
