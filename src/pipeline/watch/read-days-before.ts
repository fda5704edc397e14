/**
 * The last days that are closed, added up. A day that cannot be read costs itself alone.
 */
import type { Log } from '#events/event.ts';
import { dayBeforeLeftOut } from '#events/watch-events.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import { givingTurns } from '#support/giving-turns.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { GatheredDays } from './days-before.ts';
import type { DaysBefore } from './days-before.ts';
import { DAYS_BEFORE } from './watch-limits.ts';

/** Oldest first. */
export function daysBefore(sessions: Store['sessions'], today: UtcDay): UtcDay[] {
  const unfinished = new Set(sessions.unfinishedDays());
  const closed = sessions.days().filter((day) => day < today && !unfinished.has(day));
  return closed.slice(-DAYS_BEFORE);
}

/** The newest first, so that it is these that count where there are too many domains. */
export async function readDaysBefore(
  sessions: Store['sessions'],
  days: readonly UtcDay[],
  log: Log,
): Promise<DaysBefore> {
  const gathered = new GatheredDays();
  for await (const day of givingTurns(days.toReversed(), { valuesPerTurn: 1 })) addDay(gathered, sessions, day, log);
  return gathered.finish();
}

function addDay(gathered: GatheredDays, sessions: Store['sessions'], day: UtcDay, log: Log): void {
  containProblem(
    () => {
      const reader = sessions.read(day);
      if (!reader) return;
      try {
        gathered.add(reader);
      } finally {
        reader.close();
      }
    },
    (problem) => {
      log(dayBeforeLeftOut(problem));
    },
  );
}
