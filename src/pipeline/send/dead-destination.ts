/**
 * When an address that keeps refusing is left alone: after refusals on three days in a row for a week, the next time for two, then four. A mail
 * that came back is a refusal of the day on which it was sent.
 *
 * What our own mail server takes may come back, so an address of which some did has got one only when it takes them for as long as mails are
 * tried, and none comes back (RFC 5321 4.5.4.1: four to five days).
 */
import type { DestinationRefusals, Suppression } from '#store/destinations.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export type Refusals = Omit<DestinationRefusals, 'address'>;

export interface Reaction {
  readonly refusals: Refusals;
  /** Undefined: it gets further reports. */
  readonly suppressedUntilMs: number | undefined;
}

export const DAYS_UNTIL_DEAD = 3;
const WEEKS = [1, 2, 4] as const;
const WEEK_MS = 604_800_000;
const LONGEST_SUPPRESSION_MS = WEEKS[2] * WEEK_MS;

const QUIET_DAYS = 5;

/** What follows from a refusal. Only a report that gets through brings the weeks back to one. */
export function afterRefusal(before: Refusals | undefined, nowMs: number): Reaction {
  const day = utcDayOf(nowMs);
  return reactionTo(before, { day, nowMs, hasBounced: before?.hasBounced ?? false, takenSince: undefined });
}

export interface ReturnedMail {
  /** On which it was sent. */
  readonly sentOn: UtcDay;
  readonly nowMs: number;
}

/** What follows from a mail that came back: nothing when a later one has come back before. To be asked of no address that is suppressed. */
export function afterBounce(before: Refusals | undefined, { sentOn: day, nowMs }: ReturnedMail): Reaction {
  const isLate = before !== undefined && day < before.lastDay && before.lastDay <= utcDayOf(nowMs);
  if (isLate) return { refusals: { ...before, hasBounced: true }, suppressedUntilMs: undefined };
  const since = before?.takenSince;
  const takenSince = since !== undefined && day < since ? since : undefined;
  return reactionTo(before, { day, nowMs, hasBounced: true, takenSince });
}

/** What is left when a report was accepted; undefined when nothing is. */
export function afterAcceptance(before: Refusals | undefined, nowMs: number): Refusals | undefined {
  if (before?.hasBounced !== true) return undefined;
  const today = utcDayOf(nowMs);
  const { takenSince = today } = before;
  // One that is still to come was noted while the clock was ahead.
  if (takenSince > today) return { ...before, takenSince: today };
  return takenSince <= daysBefore(today, QUIET_DAYS) ? undefined : { ...before, takenSince };
}

interface Refusal extends Pick<Refusals, 'hasBounced' | 'takenSince'> {
  readonly day: UtcDay;
  readonly nowMs: number;
}

function reactionTo(before: Refusals | undefined, { day: lastDay, nowMs, ...rest }: Refusal): Reaction {
  const suppressedTimes = before?.suppressedTimes ?? 0;
  const days = before === undefined ? 1 : daysInARow(before, lastDay);
  if (days < DAYS_UNTIL_DEAD)
    return { refusals: { days, lastDay, suppressedTimes, ...rest }, suppressedUntilMs: undefined };
  const weeks = WEEKS[Math.min(suppressedTimes, WEEKS.length - 1)] ?? 1;
  return {
    refusals: { days: 0, lastDay, suppressedTimes: suppressedTimes + 1, ...rest },
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
