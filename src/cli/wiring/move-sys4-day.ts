/**
 * Moves a day that sys4's collector counted into this host's own day: it is what this host saw, and whoever reads the day finds all of it.
 *
 * It is copied and verified as a day of another host is. A second run takes what the collector counted since, and never less than is here. What
 * is in the open file in mid-day is in the one of yesterday after midnight; where both have a part of a day, the day is what they have together.
 * A copy that one of this host's own fetchers gave before gives way, see own-copies.ts.
 * Problems: foreign-database-unreadable, and those of fetching.
 */
import { localFile } from '#adapters/directory/local-file.ts';
import { damagedDaySetAside, movedLeftOut } from '#events/collect-events.ts';
import { sessionsLeftOut } from '#events/fetch-events.ts';
import { dayNotMoved, fewerSessions, fewerThanFetched, movedDayWaits } from '#events/move-events.ts';
import { copySource } from '#pipeline/fetch/copy-source.ts';
import type { DayCopy } from '#store/fetched/kept-days.ts';
import type { Taken } from '#store/sessions/moved-sessions.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import { sys4Source } from '#sys4/sys4-source.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import type { MoveEnding } from './move-ending.ts';
import { blamingDatabase, openCollected } from './open-sys4-databases.ts';
import { giveWay } from './own-copies.ts';
import { clauseOf } from './sys4-move.ts';

/** A day, and the files of the collector that have a part of it. */
export interface CollectedDay {
  readonly day: UtcDay;
  readonly paths: readonly [string, ...string[]];
  /** What tells these from other databases, as far as that is known. */
  readonly databases: readonly string[];
}

export interface DayMove extends Pick<Invocation, 'log' | 'clock'> {
  readonly store: Store;
  /** The names of sources that read what is moved. */
  readonly ownSources: readonly string[];
  readonly deadlineMs: number;
  readonly ending: MoveEnding;
}

export type DayMoved = 'moved' | 'moved already' | 'moved, with what came since' | 'nothing to be moved' | 'not moved';

/** Oldest first. */
export function collectedDays(store: Store, paths: readonly string[]): CollectedDay[] {
  const byDay = new Map<UtcDay, CollectedDay>();
  for (const path of paths) {
    const { days, made } = contentOf(store, path);
    for (const day of days) {
      const { paths: others = [], databases = [] } = byDay.get(day) ?? {};
      byDay.set(day, {
        day,
        paths: [...others, path] as [string, ...string[]],
        databases: [...databases, ...(made === '' ? [] : [made])],
      });
    }
  }
  return [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

function contentOf(store: Store, path: string): { readonly days: readonly UtcDay[]; readonly made: string } {
  const database = openCollected(store, path);
  try {
    return blamingDatabase(path, () => ({ days: database.daysWithSessions(), made: database.made }));
  } finally {
    database.close();
  }
}

export async function moveCollectedDay(collected: CollectedDay, move: DayMove): Promise<DayMoved> {
  const { day, paths } = collected;
  const [path, ...others] = paths;
  return withCopy(path, day, move, async (first) => {
    const [other] = others;
    if (other === undefined) return take(collected, [first], move);
    return withCopy(other, day, move, (second) => take(collected, [first, second], move));
  });
}

/** A private copy of what the file has of the day, for as long as `use` takes. */
async function withCopy(
  path: string,
  day: UtcDay,
  { store, log, deadlineMs }: DayMove,
  use: (copy: DayCopy) => Promise<DayMoved>,
): Promise<DayMoved> {
  const name = `tlsrpt-collectd ${path}`; // a source that is configured may have the path itself as its name
  const source = sys4Source({ ...localFile(path), name }, store, { isWritten: false });
  return store.fetched.whileLocked(name, async () => {
    try {
      const { result } = await copySource(source, { store, day, partial: false, deadlineMs });
      if (result.kind === 'absent') return 'nothing to be moved';
      if (result.kind !== 'copied') {
        log(dayNotMoved(day, { path, why: 'why' in result ? result.why : 'it has nothing of it' }));
        return 'not moved';
      }
      if (result.unreadable.length > 0) log(sessionsLeftOut({ source: path, day }, result.unreadable));
      return await use(result.copy);
    } finally {
      store.fetched.privateCopy(name, day).discard();
    }
  });
}

async function take(collected: CollectedDay, copies: readonly DayCopy[], move: DayMove): Promise<DayMoved> {
  const { day, paths, databases } = collected;
  const { store, log } = move;
  const readers = copies.map((copy) => store.fetched.readCopy(copy)).filter((reader) => reader !== undefined);
  try {
    const isRefused = store.moved.isOfOther(day, readers, databases);
    const fetched = isRefused ? undefined : await giveWay(day, readers, move);
    if (fetched) log(fewerThanFetched(day, { ...fetched, path: paths.join(' and ') }));
    if (fetched) return 'not moved';
    const taken = await takeAndSettle(collected, readers, move);
    if (taken.kind === 'other-database') log(dayNotMoved(day, { path: paths.join(' and '), why: OTHER_DATABASE }));
    if (taken.kind === 'fewer') log(fewerSessions(day, { ...taken, path: paths.join(' and ') }));
    return WORDS[taken.kind];
  } finally {
    for (const reader of readers) reader.close();
  }
}

/** What waits comes into the day's file also where nothing more can be taken, and counts also where that file cannot be written. */
async function takeAndSettle(
  { day, databases }: CollectedDay,
  readers: readonly SessionDayReader[],
  move: DayMove,
): Promise<Taken> {
  try {
    return move.store.moved.take(day, readers, databases);
  } finally {
    await move.ending.within(
      (problem) => movedDayWaits(day, clauseOf(problem)),
      () => settle(day, move),
    );
  }
}

async function settle(day: UtcDay, { store, log, clock }: DayMove): Promise<void> {
  const { leftOut, setAside } = await store.moved.settle(day, day < utcDayOf(clock.nowMs()));
  if (setAside) log(damagedDaySetAside(day, setAside));
  for (const { code, message } of leftOut) log(movedLeftOut(day, { code, why: message }));
}

const OTHER_DATABASE =
  'what was moved of that day before is of another database, of another collector or of one that was begun anew since, and stays; name a copy of this one in fetch.sources, as /another/path/collectd.sqlite.yesterday';

const WORDS: Readonly<Record<Taken['kind'], DayMoved>> = {
  moved: 'moved',
  'other-database': 'not moved',
  'moved-since': 'moved, with what came since',
  'nothing-new': 'moved already',
  fewer: 'not moved',
};
