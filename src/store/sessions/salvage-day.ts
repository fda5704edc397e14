/**
 * Makes a snapshot usable again that is damaged: what can be read is kept, and the damaged file is set aside under another name.
 *
 * Rows are read past what cannot be read. A crash at any moment leaves the damage to be found again, or the day as it was salvaged.
 * Problems: disk-full, store-not-writable.
 */
import { basename, dirname } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { syncDirectory } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import type { DatabasePaths, DatabaseContext } from '../durable/database-file.ts';
import { FileBytes } from '../durable/file-bytes.ts';
import { checked, lastFrameOf } from '../durable/snapshot.ts';
import { SqliteDatabase } from '../durable/sqlite.ts';
import type { Parameters, Row } from '../durable/sqlite.ts';
import { WorkingCopy } from '../durable/working-copy.ts';
import { IN_DOUBT, IS_IN, pieceCounter } from './piece-counters.ts';
import { piecesOf } from './piece-names.ts';
import { sessionDayKind } from './session-day.ts';
import { StoreProblem, writing } from '../store-problem.ts';

export interface Salvaged {
  /** The name under which the damaged file is kept, beside the day's own. */
  readonly setAside: string;
  /** How many rows of policies and failures could be kept. */
  readonly rows: number;
}

const TABLES = ['day', 'policies', 'failures', 'counters', 'datagrams'];
/** How far to look for the next row that can be read; day files have no wider gaps. */
const WIDEST_GAP = 2 ** 22;

/**
 * To be called under the day's lock. `firstFrame`: where the journals begin. A snapshot that cannot say how far it goes is taken to go up
 * to there.
 */
export function salvageDay(context: DatabaseContext, paths: DatabasePaths, firstFrame = 1): Salvaged {
  return writing(paths.snapshot, () => {
    const aside = setAside(context.disk, paths.snapshot);
    const copy = WorkingCopy.make(context, paths, sessionDayKind, 'nothing');
    try {
      const { lastFrame = firstFrame - 1, whole } = copyReadable(context, paths.snapshot, copy.database);
      removeOrphans(copy.database);
      keepCounters(context.disk, paths.stem, copy.database, whole.has('counters'));
      const rows = countRows(copy.database);
      copy.publish(lastFrame);
      return { setAside: aside, rows };
    } catch (error) {
      copy.discard();
      throw error;
    }
  });
}

/** Another name for the same file, which may have one already. */
export function setAside(disk: Disk, path: string): string {
  const inode = disk.status(path)?.inode;
  for (let number = 1; ; number += 1) {
    const aside = path.replace(/\.(\w+)$/, `.damaged-${String(number)}.$1`);
    try {
      disk.link(path, aside);
      syncDirectory(dirname(path), disk);
      return basename(aside);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      if (disk.status(aside)?.inode === inode) return basename(aside);
    }
  }
}

/**
 * Counters of pieces may be lost. What is named as counted is; what was being counted then passes for it, as nobody can tell, and its counter says
 * so (piece-names.ts).
 */
function keepCounters(disk: Disk, stem: string, database: SqliteDatabase, areCountersWhole: boolean): void {
  const known = new Set(database.all('SELECT name FROM counters').map(({ name }) => name));
  for (const piece of piecesOf(disk, stem)) {
    const name = pieceCounter(piece);
    if (known.has(name)) continue;
    if (piece.state === 'counted') insert(database, 'counters', { name, value: IS_IN });
    else if (piece.state === 'counting' && !areCountersWhole) insert(database, 'counters', { name, value: IN_DOUBT });
  }
}

interface Readable {
  /** How far the damaged snapshot goes; undefined when it does not say so. */
  readonly lastFrame: number | undefined;
  /** The tables that could be read from the first row to the last. */
  readonly whole: ReadonlySet<string>;
}

function copyReadable(context: DatabaseContext, path: string, target: SqliteDatabase): Readable {
  const damaged = openIfPossible(context, path);
  if (!damaged) return { lastFrame: undefined, whole: new Set() };
  try {
    const whole = new Set(TABLES.filter((table) => copyTable(damaged, target, table)));
    return { lastFrame: unlessDamaged(() => lastFrameOf(damaged, path)), whole };
  } finally {
    damaged.close();
  }
}

/**
 * How far a snapshot goes that cannot be used, be it damaged or of another version; undefined when it does not say so. What salvageDay makes
 * of one that is damaged goes as far, or up to where the journals begin.
 */
export function lastFrameOfUnusable(context: DatabaseContext, path: string): number | undefined {
  const database = unlessDamaged(() => opened(context, path));
  if (!database) return undefined;
  try {
    return unlessDamaged(() => lastFrameOf(database, path));
  } finally {
    database.close();
  }
}

function openIfPossible(context: DatabaseContext, path: string): SqliteDatabase | undefined {
  return unlessDamaged(() => checked(path, () => opened(context, path), sessionDayKind));
}

function opened({ sqlite, disk }: DatabaseContext, path: string): SqliteDatabase {
  return new SqliteDatabase(sqlite, new FileBytes(disk, path, 'read'));
}

function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    throwUnlessDamage(error);
    return undefined;
  }
}

/** A disk that refuses now may give everything another time. */
function throwUnlessDamage(error: unknown): void {
  const isRefusal = error instanceof StoreProblem ? error.code === 'store-not-readable' : errnoOf(error) !== undefined;
  if (isRefusal) throw error;
}

/** True when all of it was there. */
function copyTable(source: SqliteDatabase, target: SqliteDatabase, table: string): boolean {
  let last = 0;
  let isWhole = true;
  for (let gap = 1; gap <= WIDEST_GAP; gap *= 2) {
    try {
      for (const row of source.each(`SELECT rowid AS place, * FROM ${table} WHERE rowid >= :from ORDER BY rowid`, {
        from: last + gap,
      })) {
        insert(target, table, row);
        last = Number(row['place']);
        gap = 1;
      }
      return isWhole;
    } catch (error) {
      throwUnlessDamage(error); // further on there may be more
      isWhole = false;
    }
  }
  return false;
}

function insert(target: SqliteDatabase, table: string, row: Row): void {
  const columns = Object.keys(row).filter((column) => column !== 'place');
  const values = columns.map((column) => `:${column}`);
  target.run(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')})`, row as Parameters);
}

/** Failures whose policy is lost belong to nothing. */
function removeOrphans(database: SqliteDatabase): void {
  database.execute('DELETE FROM failures WHERE policy_id NOT IN (SELECT id FROM policies)');
}

/** Of policies and failures. */
export function countRows(database: SqliteDatabase): number {
  const [counts] = database.all('SELECT (SELECT count(*) FROM policies) + (SELECT count(*) FROM failures) AS count');
  return Number(counts?.['count']);
}
