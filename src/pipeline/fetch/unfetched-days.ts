/**
 * Finds the days that are over and still to be fetched, and from which sources: yesterday, and those of the last week that an outage, here or
 * at a source, left.
 *
 * Of a day whose sources have all answered for the whole of it nothing is left, nor is a source asked again that says a day is gone. Yesterday all are asked for all the
 * same: its hosts may have added to it.
 */
import type { AskedDay } from '#store/fetched/fetch-results.ts';
import type { Store } from '#store/store.ts';
import { daysBefore, previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { isHostOf } from './list-hosts.ts';

export interface UnfetchedDay {
  readonly day: UtcDay;
  /** By name. */
  readonly sources: readonly string[];
}

/** A source that has no longer what was missed is asked for it in vain, so not for ever. */
const DAYS_BACK = 7;

/**
 * Yesterday first: its reports wait for it, and a source that refuses need not be asked further. None before the first day of which anything is
 * here: then nobody fetched yet. `sources` by name.
 */
export function unfetchedDays(store: Store, sources: readonly string[], nowMs: number): UnfetchedDay[] {
  const yesterday = previousDay(utcDayOf(nowMs));
  const first = firstDay(store) ?? yesterday;
  const before = Array.from({ length: DAYS_BACK - 1 }, (_, index) => daysBefore(yesterday, index + 1))
    .filter((day) => day >= first)
    .map((day) => ({ day, sources: stillToAsk(store, { day, nowMs }, sources) }));
  return [{ day: yesterday, sources }, ...before.filter((unfetched) => unfetched.sources.length > 0)];
}

/** Others may have been asked by hand. */
function stillToAsk({ fetched }: Store, asked: AskedDay, sources: readonly string[]): string[] {
  const missing = fetched.sourcesToAsk(asked, sources);
  return sources.filter((source) => missing.some((one) => one === source || isHostOf(one, source)));
}

function firstDay({ sessions, fetched }: Store): UtcDay | undefined {
  const [first] = [...sessions.days(), ...fetched.resultDays(), ...fetched.allDays()].sort();
  return first;
}
