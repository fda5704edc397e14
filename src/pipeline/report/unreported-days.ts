/**
 * Finds the days that are over and have something that was not reported yet: yesterday, and any that a run or a host missed.
 *
 * Of a day that was reported nothing is left, unless more of it came since, or some of it could not be reported: records that nobody knew,
 * or reports that could not be built. These are tried again for two days
 * after the first attempt.
 */
import type { Store } from '#store/store.ts';
import { previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const TRIED_FOR_MS = 2 * 86_400_000;

/** Oldest first; yesterday also when nothing of it is here, so that it is missed. */
export function unreportedDays(store: Store, nowMs: number): UtcDay[] {
  const today = utcDayOf(nowMs);
  const over = [...store.sessions.days(), ...store.fetched.allDays(), previousDay(today)].filter((day) => day < today);
  return [...new Set(over)].sort().filter((day) => !isReported(store, day, nowMs));
}

function isReported({ reportedDays }: Store, day: UtcDay, nowMs: number): boolean {
  const reported = reportedDays.read(day);
  if (!reported) return false;
  return reported.leftSinceMs === undefined || nowMs - reported.leftSinceMs > TRIED_FOR_MS;
}
