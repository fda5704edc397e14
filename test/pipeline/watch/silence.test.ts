import { describe, expect, it } from 'vitest';
import { SilenceWatch } from '#pipeline/watch/silence.ts';
import type { Moment } from '#pipeline/watch/watch-limits.ts';
import type { DayHours } from '#store/watch-book.ts';

const [SECOND_MS, MINUTE_MS, HOUR_MS] = [1_000, 60_000, 3_600_000];
const LIMITS = { leastSilenceMs: 90 * SECOND_MS };

/** Hours from midnight of that day of November 2026. */
function at(day: number, hours: number): Moment {
  const nowMs = Date.UTC(2026, 10, day) + hours * HOUR_MS;
  return { nowMs, steadyMs: nowMs - Date.UTC(2026, 10, 1) };
}

/** Traffic every 20 seconds by day, every half hour from 0 to 5. */
function learned(days: readonly number[]): DayHours[] {
  const silence = new SilenceWatch(LIMITS, [], at(days[0] ?? 1, 0));
  for (const day of days)
    for (let second = 0; second < 24 * 3_600; second += second < 5 * 3_600 ? 1_800 : 20)
      silence.noteSessions(at(day, second / 3_600));
  return silence.days();
}

function told(silence: SilenceWatch, day: number, fromHour: number): number | undefined {
  for (let second = 0; second < 23 * 3_600; second += 10)
    if (silence.find(at(day, fromHour + second / 3_600), true)) return second;
  return undefined;
}

describe('A silence', () => {
  const days = learned([10, 11, 12]);

  it('is told once it is four times as long as at this time of the days before, and not before the least', () => {
    const noon = at(13, 12);
    expect(told(new SilenceWatch(LIMITS, days, noon), 13, 12)).toBe(90);
    const night = at(13, 2);
    const silence = new SilenceWatch(LIMITS, days, night);
    expect(told(silence, 13, 2)).toBe((4 * 30 * MINUTE_MS) / SECOND_MS);
    expect(silence.find(at(13, 4), true)).toEqual({ sinceMs: night.nowMs, usualMs: 30 * MINUTE_MS });
  });

  it('is judged by a whole day where the hour was not watched on three days', () => {
    const few = days.slice(0, 2);
    expect(told(new SilenceWatch(LIMITS, few, at(13, 12)), 13, 12)).toBeUndefined();
    const silence = new SilenceWatch(LIMITS, few, at(13, 12));
    expect(silence.find(at(14, 12.5), false)).toBeUndefined();
    expect(silence.find(at(14, 12.5), true)).toEqual({ sinceMs: at(13, 12).nowMs, usualMs: undefined });
  });

  it('that was told is not learned from; another one is', () => {
    for (const isTold of [true, false]) {
      const silence = new SilenceWatch(LIMITS, days, at(13, 12));
      silence.find(at(13, 12.5), true);
      if (isTold) silence.noteTold();
      silence.noteSessions(at(13, 12.6));
      const hours = silence.days().find(({ day }) => day === '2026-11-13')?.silentMs[12] ?? null;
      expect(hours).toEqual(isTold ? null : 0.6 * HOUR_MS);
    }
  });

  it('is reckoned by the clock that does not jump', () => {
    const { nowMs, steadyMs } = at(13, 12);
    const silence = new SilenceWatch(LIMITS, days, { nowMs, steadyMs });
    expect(silence.find({ nowMs: nowMs + HOUR_MS, steadyMs: steadyMs + SECOND_MS }, true)).toBeUndefined();
    expect(silence.find({ nowMs: nowMs - HOUR_MS, steadyMs: steadyMs + 2 * MINUTE_MS }, true)).toBeDefined();
  });

  it('is remembered for two weeks', () => {
    expect(learned(Array.from({ length: 20 }, (_, index) => index + 1))).toHaveLength(14);
  });
});
