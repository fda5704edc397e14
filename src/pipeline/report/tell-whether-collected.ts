/**
 * Says when a day has no file though there should be one: a report without what this host saw looks like any other.
 *
 * A running collector makes a day's file at midnight, also when nobody sends mail. A host that never collected anything and has other hosts'
 * days is one that only reports.
 */
import type { Log } from '#events/event.ts';
import { dayNotCollected } from '#events/store-events.ts';
import type { Store } from '#store/store.ts';
import { startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface CollectedOptions {
  readonly store: Store;
  readonly day: UtcDay;
  readonly log: Log;
}

/** `hasSources`: other hosts' days are expected here. */
export function tellWhetherCollected({ store, day, log }: CollectedOptions, hasSources: boolean): boolean {
  const days = store.sessions.days();
  if (days.includes(day)) return true;
  const onlyReports = days.length === 0 && (hasSources || store.fetched.folders().length > 0);
  if (onlyReports || !isOlder(store, day)) return true;
  log(dayNotCollected(day, store.path));
  return false;
}

function isOlder({ sessions, madeMs }: Store, day: UtcDay): boolean {
  return sessions.days().some((collected) => collected < day) || (madeMs !== undefined && madeMs < startOfDayMs(day));
}
