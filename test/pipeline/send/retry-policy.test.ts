import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstAttemptMsBy, nextAttemptMs, retryLimits } from '#pipeline/send/retry-policy.ts';
import type { FailedAttempt } from '#pipeline/send/retry-policy.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 6);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

function next(attempt: Partial<FailedAttempt>): number | undefined {
  return nextAttemptMs({
    attempts: 1,
    firstAttemptMs: NOW_MS,
    nowMs: NOW_MS,
    retryAfterMs: undefined,
    random: () => 0.5,
    ...attempt,
  });
}

/** How long to wait, with jitter in its middle. */
function waitMs(attempt: Partial<FailedAttempt>): number {
  return (next(attempt) ?? NaN) - (attempt.nowMs ?? NOW_MS);
}

describe('the wait after a failed attempt', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 16],
    [6, 32],
    [7, 64],
    [8, 120],
    [9, 120],
    [100, 120],
    [10_000, 120],
  ])('after attempt %i is %i minutes', (attempts, minutes) => {
    expect(waitMs({ attempts })).toBe(minutes * MINUTE_MS);
  });

  it.each([
    [0, 0.8],
    [0.5, 1],
    [0.999999, 1.2],
  ])('is a fifth shorter or longer at most: %d', (random, factor) => {
    expect(waitMs({ attempts: 4, random: () => random })).toBeCloseTo(factor * 8 * MINUTE_MS, -2);
  });

  it.each([
    [undefined, 1 * MINUTE_MS],
    [0, 1 * MINUTE_MS],
    [30_000, 1 * MINUTE_MS], // sooner than we would come anyway
    [10 * MINUTE_MS, 10 * MINUTE_MS],
    [5 * HOUR_MS, 5 * HOUR_MS], // longer than we would wait ourselves
    [6 * HOUR_MS + 1, 6 * HOUR_MS], // but not without measure
    [72 * HOUR_MS, 6 * HOUR_MS],
    [Infinity, 6 * HOUR_MS],
  ])('is at least what the receiver asks for: %s', (retryAfterMs, expectedMs) => {
    expect(waitMs({ retryAfterMs })).toBe(expectedMs);
  });
});

describe('the time since the first attempt', () => {
  const YEAR_MS = 365 * 24 * HOUR_MS;

  it.each([
    ['what was noted', { attempts: 3, firstAttemptMs: NOW_MS - 3 * HOUR_MS, lastAttemptMs: NOW_MS - HOUR_MS }, 3],
    [
      'six hours between two attempts',
      { attempts: 3, firstAttemptMs: NOW_MS - YEAR_MS, lastAttemptMs: NOW_MS - HOUR_MS },
      13,
    ],
    ['six hours since the last one', { attempts: 1, firstAttemptMs: NOW_MS - YEAR_MS, lastAttemptMs: undefined }, 6],
    [
      'nothing where all of it is ahead',
      { attempts: 2, firstAttemptMs: NOW_MS + YEAR_MS, lastAttemptMs: NOW_MS + HOUR_MS },
      0,
    ],
    ['nothing before it', { attempts: 0, firstAttemptMs: undefined, lastAttemptMs: undefined }, 0],
  ])('is %s at most', (_, earlier, hours) => {
    expect(NOW_MS - firstAttemptMsBy(NOW_MS, earlier)).toBe(hours * HOUR_MS);
  });
});

describe('the end of a delivery', () => {
  const lastMs = NOW_MS + 24 * HOUR_MS;

  it('comes 24 hours after the first attempt', () => {
    expect(next({ attempts: 19, nowMs: lastMs })).toBeUndefined();
    expect(next({ attempts: 19, nowMs: lastMs + 1 })).toBeUndefined();
    expect(next({ attempts: 2, nowMs: lastMs + 72 * HOUR_MS })).toBeUndefined();
  });

  it('is preceded by one last attempt at that very moment', () => {
    expect(next({ attempts: 18, nowMs: lastMs - 1 })).toBe(lastMs);
    expect(next({ attempts: 18, nowMs: lastMs - HOUR_MS })).toBe(lastMs);
    expect(next({ attempts: 18, nowMs: lastMs - HOUR_MS, retryAfterMs: 3 * HOUR_MS })).toBe(lastMs);
  });

  it('comes after about twenty attempts, none of them early', () => {
    const times = [NOW_MS];
    for (;;) {
      const nowMs = times.at(-1) ?? 0;
      const nextMs = next({ attempts: times.length, nowMs });
      if (nextMs === undefined) break;
      times.push(nextMs);
    }
    expect(times.at(-1)).toBe(lastMs);
    expect(times.length).toBe(19);
  });
});

describe('nextAttemptMs', () => {
  it('lies in the future, within the bounds, and never after the end', () => {
    const attempt = fc.record({
      attempts: fc.integer({ min: 1, max: 100 }),
      elapsedMs: fc.nat(retryLimits.retryPeriodMs - 1),
      retryAfterMs: fc.option(fc.nat(), { nil: undefined }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    fc.assert(
      fc.property(attempt, ({ attempts, elapsedMs, retryAfterMs, random }) => {
        const nowMs = NOW_MS + elapsedMs;
        const nextMs = next({ attempts, nowMs, retryAfterMs, random: () => random }) ?? 0;
        const endMs = NOW_MS + retryLimits.retryPeriodMs;
        const longestMs = Math.max(
          1.2 * retryLimits.longestWaitMs,
          Math.min(retryLimits.longestRetryAfterMs, retryAfterMs ?? 0),
        );
        expect(nextMs).toBeGreaterThanOrEqual(Math.min(endMs, nowMs + 0.8 * retryLimits.firstWaitMs));
        expect(nextMs).toBeLessThanOrEqual(Math.min(endMs, nowMs + longestMs));
        expect(Number.isInteger(nextMs)).toBe(true);
      }),
    );
  });
});
