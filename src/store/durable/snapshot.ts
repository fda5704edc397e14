/**
 * What a snapshot file says of itself: its kind, the version of its tables, and up to which frame of the journals it goes.
 */
import { errnoOf, messageOf } from '#support/problem.ts';
import { damagedProblem, readProblem, StoreProblem, wrongSchemaProblem } from '../store-problem.ts';
import type { FileKind } from './file-kind.ts';
import { closedOnFailure, SqliteDatabase } from './sqlite.ts';
import type { Sqlite } from './sqlite.ts';

const APPLICATION_ID = 0x544c5352; // "TLSR"

/** The bytes of a new database of a kind, before the first frame. */
export function newDatabase(sqlite: Sqlite, kind: FileKind): Uint8Array {
  return withNew(sqlite, kind, (database) => database.export());
}

/**
 * Whether the tables and indexes of a database are those of its kind, byte for byte, and nothing else is there: a view or a trigger in a
 * file of somebody else runs when it is asked the first question. To be called before that. In UTF-16 texts would have another order.
 */
export function hasSchemaOf(sqlite: Sqlite, database: SqliteDatabase, kind: FileKind): boolean {
  if (database.all('PRAGMA encoding')[0]?.['encoding'] !== 'UTF-8') return false;
  const expected = withNew(sqlite, kind, (own) => own.all(SELECT_SCHEMA));
  let index = 0;
  for (const row of database.each(SELECT_SCHEMA)) {
    if (JSON.stringify(row) !== JSON.stringify(expected[index])) return false;
    index += 1;
  }
  return index === expected.length;
}

/** Where each begins is left to the integrity check. */
const SELECT_SCHEMA = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid';

function withNew<T>(sqlite: Sqlite, kind: FileKind, use: (database: SqliteDatabase) => T): T {
  const database = new SqliteDatabase(sqlite);
  try {
    database.execute(`
      PRAGMA application_id = ${String(APPLICATION_ID)};
      PRAGMA user_version = ${String(kind.version)};
      CREATE TABLE durable (kind TEXT NOT NULL, last_frame INTEGER NOT NULL);
      ${kind.tables}`);
    database.run('INSERT INTO durable VALUES (:kind, 0)', { kind: kind.name });
    return use(database);
  } finally {
    database.close();
  }
}

export function setLastFrame(database: SqliteDatabase, lastFrame: number): void {
  database.run('UPDATE durable SET last_frame = :lastFrame', { lastFrame });
}

/** Opens a database of that kind; `path` is what people are told when it is none. */
export function checked(path: string, open: () => SqliteDatabase, kind: FileKind): SqliteDatabase {
  return asking(path, () => {
    const database = open();
    return closedOnFailure(database, () => brought(database, path, kind));
  });
}

/** The last frame that is in a snapshot. */
export function lastFrameOf(database: SqliteDatabase, path: string): number {
  const [durable] = asking(path, () => database.all('SELECT last_frame FROM durable'));
  const lastFrame = durable?.['last_frame'];
  if (!isFrameNumber(lastFrame)) throw damagedProblem(path, 'it does not say how far it goes');
  return lastFrame;
}

/** As many bits as a journal has for it. */
function isFrameNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

/** Before anything is added to it: what is damaged now would be found when it is too late to set it aside. */
export function checkStructure(database: SqliteDatabase, path: string): void {
  const [first] = asking(path, () => database.all('PRAGMA quick_check(1)'));
  const result = String(first?.['quick_check']);
  if (result !== 'ok') throw damagedProblem(path, result);
}

/** What SQLite cannot make sense of is damaged, unless it is the disk that failed. */
export function asking<T>(path: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof StoreProblem) throw error;
    throw errnoOf(error) === undefined ? damagedProblem(path, messageOf(error)) : readProblem(path, error);
  }
}

/** Brings an older version up to this one. Throws for what is of another program, of another kind, or newer. */
function brought(database: SqliteDatabase, path: string, kind: FileKind): SqliteDatabase {
  const [pages] = database.all('PRAGMA page_count');
  if (pages?.['page_count'] === 0) throw damagedProblem(path, 'it is empty'); // SQLite takes it for a new database
  const [application] = database.all('PRAGMA application_id');
  if (application?.['application_id'] !== APPLICATION_ID)
    throw wrongSchemaProblem(path, 'a database of another program', kind.name);
  const [durable] = database.all('SELECT kind FROM durable');
  const version = Number(database.all('PRAGMA user_version')[0]?.['user_version']);
  const upgrades = durable?.['kind'] === kind.name ? upgradesFrom(version, kind) : undefined;
  if (!upgrades) {
    const found = `${String(durable?.['kind'])} (version ${String(version)})`;
    throw wrongSchemaProblem(path, found, `${kind.name} (version ${String(kind.version)})`);
  }
  for (const sql of upgrades) database.execute(sql);
  if (upgrades.length > 0) database.execute(`PRAGMA user_version = ${String(kind.version)}`);
  return database;
}

/** Undefined when there is no way from that version to this one. */
function upgradesFrom(version: number, { version: current, upgrades = {} }: FileKind): string[] | undefined {
  const steps: string[] = [];
  for (let from = version; from < current; from += 1) {
    const sql = upgrades[from];
    if (sql === undefined) return undefined;
    steps.push(sql);
  }
  return version > current ? undefined : steps;
}
