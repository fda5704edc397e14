/**
 * A database of sys4's tlsrpt-collectd, taken for a state directory: what it holds of a day becomes an ordinary day file.
 *
 * Its collector writes to one file and moves that aside at midnight as `FILE.yesterday`, which does not change any more. So a day is
 * complete there once its rows are in a file of that name, or the collector has declared it complete.
 */
import { rmSync } from 'node:fs';
import type { Store } from '#store/store.ts';
import { Sys4Database } from './sys4-database.ts';
import { readSys4Tally } from './sys4-tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { ForeignFile } from '#pipeline/fetch/foreign-file.ts';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';

interface Conversion {
  readonly name: string;
  readonly store: Store;
  readonly day: UtcDay;
  readonly into: string;
}

export function sys4Source(file: ForeignFile, store: Store): StateSource {
  const { name } = file;
  return {
    name,
    async copyDay(day, into, { known, progress } = {}) {
      if (known) return { kind: 'unchanged' };
      const copy = `${into}.sys4`;
      try {
        const copied = await file.copyTo(copy, progress);
        if (copied.kind === 'missing') return noDatabase(name);
        return copied.kind === 'saved' ? convertFile(copy, { name, store, day, into }) : copied;
      } finally {
        rmSync(copy, { force: true });
      }
    },
  };
}

function convertFile(copy: string, conversion: Conversion): CopyResult {
  const opening = Sys4Database.open(conversion.store, copy);
  if (opening.kind === 'damaged') return opening;
  try {
    return obstacle(opening.database, conversion) ?? convert(opening.database, conversion);
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

function convert(database: Sys4Database, { name, store, day, into }: Conversion): CopyResult {
  const tallied = store.fetched.beginTallied(into, { day, origin: name });
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

function noDatabase(name: string): CopyResult {
  return {
    kind: 'refused',
    why: `there is no ${name}`,
    advice: 'Check the path against "storage" in collectd.cfg; the file is there from the first midnight on.',
  };
}
