/**
 * When a delivery that was not accepted is tried again (RFC 8460 5.5).
 *
 * The wait doubles with each attempt from one minute to two hours, give or take a fifth so that many do not come at once. The last
 * attempt is made when 24 hours have passed since the first. A receiver may ask for a longer wait, up to six hours: with more, one bad
 * answer would cost the report most of its attempts.
 *
 * The clock alone expires nothing: of the time between two attempts no more counts than the longest wait, so a clock that is set takes a quarter
 * of the 24 hours at most, and a report that no run has tried for days still has attempts before it.
 */
import type { Delivery } from '#tlsrpt/delivery.ts';

export const retryLimits = {
  firstWaitMs: 60_000,
  longestWaitMs: 7_200_000,
  longestRetryAfterMs: 21_600_000,
  retryPeriodMs: 86_400_000,
  jitter: 0.2,
} as const;

/** A report may be spread over a day, and one more is put off to some moment within the first hour of the next. */
const longestWaitsMs = { queued: 90_000_000, deferred: retryLimits.longestRetryAfterMs } as const;

/** Of the next day, so that not all that were put off come in its first moment. */
export const putOffSpreadMs = 3_600_000;

/** One that is due later than any wait ends was noted while the clock was ahead, and is due as well. */
export function isDue({ state, nextAttemptMs = 0 }: DueDelivery, nowMs: number): boolean {
  const longestWaitMs = state === 'deferred' ? longestWaitsMs.deferred : longestWaitsMs.queued;
  return nextAttemptMs <= nowMs || nextAttemptMs > nowMs + longestWaitMs;
}

type DueDelivery = Pick<Delivery, 'state' | 'nextAttemptMs'>;

export type EarlierAttempts = Pick<Delivery, 'attempts' | 'firstAttemptMs' | 'lastAttemptMs'>;

/**
 * When the first attempt was made as the clock of now has it, which may have been set since: so much earlier than `nowMs`, when another one is
 * made, as the attempts account for.
 */
export function firstAttemptMsBy(nowMs: number, { attempts, firstAttemptMs, lastAttemptMs }: EarlierAttempts): number {
  if (firstAttemptMs === undefined) return nowMs;
  const { longestRetryAfterMs: longestMs } = retryLimits;
  const lastMs = lastAttemptMs ?? firstAttemptMs;
  const triedMs = within(lastMs - firstAttemptMs, Math.max(0, attempts - 1) * longestMs);
  return nowMs - triedMs - within(nowMs - lastMs, longestMs);
}

function within(timeMs: number, mostMs: number): number {
  return Math.max(0, Math.min(timeMs, mostMs));
}

export interface FailedAttempt {
  /** How many attempts were made, this one included. */
  readonly attempts: number;
  /** As `firstAttemptMsBy` has it. */
  readonly firstAttemptMs: number;
  readonly nowMs: number;
  /** What the receiver asked for. */
  readonly retryAfterMs: number | undefined;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** When to try again, or undefined when the delivery has expired. */
export function nextAttemptMs({
  attempts,
  firstAttemptMs,
  nowMs,
  retryAfterMs = 0,
  random,
}: FailedAttempt): number | undefined {
  const endMs = firstAttemptMs + retryLimits.retryPeriodMs;
  if (nowMs >= endMs) return undefined;
  const doubledMs = Math.min(retryLimits.longestWaitMs, retryLimits.firstWaitMs * 2 ** (attempts - 1));
  const waitMs = doubledMs * (1 - retryLimits.jitter + 2 * retryLimits.jitter * random());
  const requestedMs = Math.min(retryLimits.longestRetryAfterMs, retryAfterMs);
  return Math.min(endMs, nowMs + Math.round(Math.max(waitMs, requestedMs)));
}
