/**
 * Makes an ordinary day file of what a database of sys4's tlsrpt-collectd holds of a day.
 *
 * Its collector writes to one file and moves that aside at midnight as `FILE.yesterday`, which does not change any more. So a day is
 * complete there once its rows are in a file of that name, or the collector has declared it complete.
 * Problems: disk-full, store-not-writable.
 */
import type { CopyResult } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { Sys4Database } from './sys4-database.ts';
import { readSys4Tally } from './sys4-tally.ts';

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
}

/** `store` is the one that is fetched to. */
export function convertDatabase(store: Store, conversion: Conversion): CopyResult {
  const opening = Sys4Database.open(store, conversion.copy);
  if (opening.kind === 'damaged') return opening;
  try {
    return obstacle(opening.database, conversion) ?? convert(opening.database, store, conversion);
  } finally {
    opening.database.close();
  }
}

/** Why the day cannot be had from it. */
function obstacle(database: Sys4Database, { name, day }: Conversion): CopyResult | undefined {
  const [seen, complete] = [database.daysWithSessions(), database.completeDays()];
  const latest = [...seen, ...complete].sort().at(-1);
  if (latest === undefined || latest < day) return { kind: 'not-closed' };
  if (!seen.includes(day)) return complete.includes(day) ? { kind: 'absent' } : anotherDay(name, latest);
  const isOver = name.endsWith('.yesterday') || latest > day || complete.includes(day);
  return isOver ? undefined : { kind: 'not-closed' };
}

function convert(database: Sys4Database, store: Store, { name, day, into }: Conversion): CopyResult {
  const tallied = store.fetched.beginTallied(into, { day, origin: store.fetched.originOf(name) });
  for (const row of database.tallies(day)) {
    const tally = readSys4Tally(row);
    if (!tally) {
      tallied.discard();
      return { kind: 'damaged', why: `what it says about ${row.domain === '' ? 'a domain' : row.domain} is no tally` };
    }
    tallied.add(tally);
  }
  tallied.finish();
  return { kind: 'copied', journal: false };
}

function anotherDay(name: string, latest: UtcDay): CopyResult {
  return {
    kind: 'refused',
    why: `it holds the sessions of ${latest} by now`,
    advice: `tlsrpt-collectd keeps one day alone in ${name}; fetch every day, some time after midnight UTC.`,
  };
}
