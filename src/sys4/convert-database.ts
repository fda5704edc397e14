/**
 * Makes an ordinary day file of what a database of sys4's tlsrpt-collectd holds of a day.
 *
 * Its collector writes to one file and moves that aside at midnight as `FILE.yesterday`, which does not change any more. So a day is
 * complete there once its rows are in a file of that name, or the collector has declared it complete. What the open file has of a day is given
 * only where a part of it is wanted.
 * Problems: disk-full, store-not-writable.
 */
import type { CopyResult } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { Sys4Database } from './sys4-database.ts';
import { Sys4Day } from './sys4-day.ts';
import { readSys4Tally } from './sys4-tally.ts';

const MOVED_ASIDE = '.yesterday';

export interface Conversion {
  /** The path of a private copy of the database. */
  readonly copy: string;
  /** Of the source. */
  readonly name: string;
  /** Of the state directory that is fetched to. */
  readonly storePath: string;
  readonly day: UtcDay;
  /** As for a state source. */
  readonly into: string;
  /** As for a state source. */
  readonly partial: boolean;
  /** False once its collector has ended for good: what it holds is all there will be. */
  readonly isWritten: boolean;
}

/** `store` is the one that is fetched to. A file that SQLite finds sound may still be one that it cannot read. */
export function convertDatabase(store: Store, conversion: Conversion): CopyResult {
  const opening = Sys4Database.open(store, conversion.copy);
  if (opening.kind === 'damaged') return opening;
  const { database } = opening;
  try {
    return store.fetched.blamingCopy(
      conversion.copy,
      () => obstacle(database, conversion) ?? convert(database, store, conversion),
    );
  } finally {
    database.close();
  }
}

/** Why the day cannot be had from it. */
function obstacle(database: Sys4Database, conversion: Conversion): CopyResult | undefined {
  const { name, day, partial } = conversion;
  const [seen, complete] = [database.daysWithSessions(), database.completeDays()];
  const latest = [...seen, ...complete].sort().at(-1);
  if (!seen.includes(day) && complete.includes(day)) return { kind: 'absent' };
  const isThere = seen.includes(day) && (partial || !isOpen(database, day));
  if (mayGrow(conversion)) return isThere ? undefined : stillWritten(name, day);
  if (latest === undefined || latest < day) return { kind: 'not-closed' };
  return seen.includes(day) ? undefined : anotherDay(name, latest);
}

function convert(database: Sys4Database, store: Store, conversion: Conversion): CopyResult {
  const { name, day, into } = conversion;
  const converted = new Sys4Day(store.fetched.beginTallied(into, { day, origin: store.fetched.originOf(name) }));
  for (const row of database.tallies(day)) converted.add(readSys4Tally(row));
  return converted.finish(mayGrow(conversion) && isOpen(database, day));
}

/** Its collector does not write to what it has moved aside. */
function mayGrow({ name, isWritten }: Conversion): boolean {
  return isWritten && !name.endsWith(MOVED_ASIDE);
}

/** Until its collector says that the day is complete, or has gone on to another one, more may come. */
function isOpen(database: Sys4Database, day: UtcDay): boolean {
  return !database.completeDays().includes(day) && !database.daysWithSessions().some((seen) => seen > day);
}

function stillWritten(name: string, day: UtcDay): CopyResult {
  return {
    kind: 'refused',
    why: `tlsrpt-collectd writes to it, and the whole of ${day} is not in it`,
    advice: `At midnight UTC the file becomes ${name}${MOVED_ASIDE}: fetch from that. With --partial there is what it has so far.`,
  };
}

function anotherDay(name: string, latest: UtcDay): CopyResult {
  return {
    kind: 'gone',
    why: `it holds the sessions of ${latest} by now`,
    advice: `tlsrpt-collectd keeps one day alone in ${name}; fetch every day, some time after midnight UTC.`,
  };
}
