/**
 * Finds the days that are over and still to be fetched: yesterday, and those of the last week that an outage, here or at a source, left.
 *
 * Of a day whose sources have all answered nothing is left. Yesterday is asked for all the same: its hosts may have added to it.
 */
import type { Store } from '#store/store.ts';
import { daysBefore, previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** A source that has no longer what was missed is asked for it in vain, so not for ever. */
const DAYS_BACK = 7;

/** Yesterday first: its reports wait for it, and a source that refuses need not be asked further. None before the first day of which anything is here: then nobody fetched yet. `sources` by name. */
export function unfetchedDays(store: Store, sources: readonly string[], nowMs: number): UtcDay[] {
  const yesterday = previousDay(utcDayOf(nowMs));
  const first = firstDay(store) ?? yesterday;
  return Array.from({ length: DAYS_BACK }, (_, index) => daysBefore(yesterday, index)).filter(
    (day) => day === yesterday || (day >= first && store.fetched.missingSources(day, sources).length > 0),
  );
}

function firstDay({ sessions, fetched }: Store): UtcDay | undefined {
  const [first] = [...sessions.days(), ...fetched.resultDays(), ...fetched.allDays()].sort();
  return first;
}
