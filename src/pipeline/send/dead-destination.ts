/**
 * When an address that keeps refusing is left alone: after refusals on three days in a row for a week, the next time for two, then four.
 */
import type { Suppression } from '#store/destinations.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface Refusals {
  /** On how many days in a row it refused, up to and with `lastDay`. */
  readonly days: number;
  readonly lastDay: UtcDay;
  /** How often it was suppressed for this since it last accepted a report. */
  readonly suppressedTimes: number;
}

export interface Reaction {
  readonly refusals: Refusals;
  /** Undefined: it gets further reports. */
  readonly suppressedUntilMs: number | undefined;
}

export const DAYS_UNTIL_DEAD = 3;
const WEEKS = [1, 2, 4] as const;
const WEEK_MS = 604_800_000;
const LONGEST_SUPPRESSION_MS = WEEKS[2] * WEEK_MS;

/** What follows from a refusal. Only a success brings the weeks back to one. */
export function afterRefusal(before: Refusals | undefined, nowMs: number): Reaction {
  const day = utcDayOf(nowMs);
  const suppressedTimes = before?.suppressedTimes ?? 0;
  const days = before === undefined ? 1 : daysInARow(before, day);
  if (days < DAYS_UNTIL_DEAD)
    return { refusals: { days, lastDay: day, suppressedTimes }, suppressedUntilMs: undefined };
  const weeks = WEEKS[Math.min(suppressedTimes, WEEKS.length - 1)] ?? 1;
  return {
    refusals: { days: 0, lastDay: day, suppressedTimes: suppressedTimes + 1 },
    suppressedUntilMs: nowMs + weeks * WEEK_MS,
  };
}

/** One for refusals that lasts longer than any does was noted while the clock was ahead, and counts for nothing. */
export function isSuppressing({ untilMs, reason }: Suppression, nowMs: number): boolean {
  if (untilMs === undefined) return true;
  return untilMs > nowMs && (reason === undefined || untilMs <= nowMs + LONGEST_SUPPRESSION_MS);
}

function daysInARow({ days, lastDay }: Refusals, day: UtcDay): number {
  if (lastDay === day) return days;
  return lastDay === daysBefore(day, 1) ? days + 1 : 1;
}
