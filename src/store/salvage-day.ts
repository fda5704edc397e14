/**
 * Makes a day usable again whose files are damaged: what can be read is kept, and the damaged files are set aside under other names.
 *
 * Rows are read past what cannot be read. The journal is replayed only where it is certain that the rows do not contain it already, so
 * that nothing is counted twice. A crash at any moment leaves the damage to be found again, or the day as it was salvaged.
 * Problems: disk-full, store-not-writable.
 */
import { linkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { exchangeBuiltFile, removeFile, syncDirectory, writeNewFile } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import { changeInPlace } from './durable/change-in-place.ts';
import {
  applyChanges,
  databasePaths,
  followingJournal,
  newDatabase,
  openSnapshot,
  setState,
  stateOf,
  withJournal,
} from './durable/database-file.ts';
import type { DatabasePaths, JournalPart } from './durable/database-file.ts';
import { FileBytes } from './durable/file-bytes.ts';
import { HEADER_BYTES } from './durable/journal-format.ts';
import type { JournalReader } from './durable/journal-reader.ts';
import type { Parameters, Row, Sqlite, SqliteDatabase } from './durable/sqlite.ts';
import { sessionDayKind } from './session-day.ts';
import { writing } from './store-problem.ts';

export interface Salvaged {
  /** The names under which the damaged files are kept, beside the day's own. */
  readonly setAside: readonly string[];
  /** How many rows of policies and failures could be kept. */
  readonly rows: number;
}

const TABLES = ['day', 'policies', 'failures', 'counters'];
/** How far to look for the next row that can be read; day files have no wider gaps. */
const WIDEST_GAP = 2 ** 22;

/** To be called under the day's lock. */
export function salvageDay(sqlite: Sqlite, stem: string): Salvaged {
  const paths = databasePaths(stem);
  return writing(paths.snapshot, () => {
    const setAside = [paths.snapshot, paths.journal].flatMap(keepAside);
    const rows = rebuild(sqlite, paths);
    removeFile(paths.journal);
    return { setAside, rows };
  });
}

/** Another name for the same file; empty when there is no such file. */
function keepAside(path: string): string[] {
  for (let number = 1; ; number += 1) {
    const aside = path.replace(/\.(\w+)$/, `.damaged-${String(number)}.$1`);
    try {
      linkSync(path, aside);
      syncDirectory(dirname(path));
      return [basename(aside)];
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
}

function rebuild(sqlite: Sqlite, paths: DatabasePaths): number {
  let rows = 0;
  withJournal(paths.journal, (journal) => {
    exchangeBuiltFile(paths.snapshot, (copy) => {
      writeNewFile(copy, [newDatabase(sqlite, sessionDayKind)]);
      changeInPlace(sqlite, copy, (database) => {
        const part = copyRows(sqlite, paths, database, journal);
        if (part) replayReadable(part, database);
        rows = tidied(database);
        // So that what is left of the journal is seen to be in the snapshot, until it is removed.
        setState(database, { generation: (journal?.generation ?? 0) + 2, foldedBytes: 0 });
      });
    });
    syncDirectory(dirname(paths.snapshot));
  });
  return rows;
}

/** Copies what can be read of the damaged snapshot; returns what of the journal does not belong to that. */
function copyRows(
  sqlite: Sqlite,
  paths: DatabasePaths,
  target: SqliteDatabase,
  journal: JournalReader | undefined,
): JournalPart | undefined {
  const damaged = openIfPossible(sqlite, paths.snapshot);
  if (!damaged) return journal && { journal, fromByte: HEADER_BYTES };
  try {
    const copied = TABLES.reduce((count, table) => count + copyTable(damaged, target, table), 0);
    const part = journal && followingIfKnown(damaged, journal, paths);
    return part ?? (copied === 0 && journal ? { journal, fromByte: HEADER_BYTES } : undefined);
  } finally {
    damaged.close();
  }
}

/** What of the journal follows the snapshot, where they can still say so. A snapshot that nothing was folded into has one journal only. */
function followingIfKnown(
  damaged: SqliteDatabase,
  journal: JournalReader,
  paths: DatabasePaths,
): JournalPart | undefined {
  try {
    const state = stateOf(damaged, paths.snapshot);
    if (journal.generation === undefined)
      return state.generation === 1 ? { journal, fromByte: HEADER_BYTES } : undefined;
    return followingJournal(journal, state, paths.journal);
  } catch {
    return undefined;
  }
}

function openIfPossible(sqlite: Sqlite, path: string): SqliteDatabase | undefined {
  try {
    return openSnapshot(sqlite, new FileBytes(path, 'read'), path, sessionDayKind);
  } catch {
    return undefined;
  }
}

function copyTable(source: SqliteDatabase, target: SqliteDatabase, table: string): number {
  let copied = 0;
  let last = 0;
  for (let gap = 1; gap <= WIDEST_GAP; gap *= 2) {
    try {
      for (const row of source.each(`SELECT rowid AS place, * FROM ${table} WHERE rowid >= :from ORDER BY rowid`, {
        from: last + gap,
      })) {
        insert(target, table, row);
        last = Number(row['place']);
        copied += 1;
        gap = 1;
      }
      return copied;
    } catch {
      // What lies here cannot be read; further on there may be more.
    }
  }
  return copied;
}

function insert(target: SqliteDatabase, table: string, row: Row): void {
  const columns = Object.keys(row).filter((column) => column !== 'place');
  const values = columns.map((column) => `:${column}`);
  target.run(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')})`, row as Parameters);
}

function replayReadable({ journal, fromByte }: JournalPart, database: SqliteDatabase): void {
  try {
    for (const transaction of journal.transactions(fromByte)) applyChanges(database, sessionDayKind, transaction);
  } catch {
    // What was applied before is kept.
  }
}

/** Failures whose policy is lost belong to nothing. Returns how many rows are left. */
function tidied(database: SqliteDatabase): number {
  database.execute('DELETE FROM failures WHERE policy_id NOT IN (SELECT id FROM policies)');
  const [counts] = database.all('SELECT (SELECT count(*) FROM policies) + (SELECT count(*) FROM failures) AS count');
  return Number(counts?.['count']);
}
