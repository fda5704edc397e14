/**
 * Reads a durable database, snapshot and journal together, without a lock and without writing anything.
 *
 * The journal is read first. A writer that makes a checkpoint meanwhile, or closes the file for good, then leaves a snapshot that
 * contains all of that journal, and its generation says so; read the other way round, what only the journal held would be missed.
 * Problems: store-damaged, store-wrong-schema, store-not-readable.
 */
import { existsSync, readFileSync } from 'node:fs';
import { errnoOf, messageOf } from '#support/problem.ts';
import { damagedProblem, readProblem, StoreProblem, wrongSchemaProblem } from '../store-problem.ts';
import { readJournalFile } from './journal.ts';
import type { JournalFile } from './journal.ts';
import type { Change } from './journal-format.ts';
import { closedOnFailure, SqliteDatabase } from './sqlite.ts';
import type { Sqlite } from './sqlite.ts';

/** What a kind of file holds, and by which statements it changes. */
export interface FileKind {
  /** Shown to people: `sessions of one day`. */
  readonly name: string;
  readonly version: number;
  readonly tables: string;
  /** Deterministic SQL by name: the journal holds the names. */
  readonly statements: Readonly<Record<string, string>>;
}

export interface DatabasePaths {
  readonly snapshot: string;
  readonly journal: string;
  readonly lock: string;
}

export interface DatabaseContent {
  readonly database: SqliteDatabase;
  readonly generation: number;
  /** The journal of this very generation, or undefined when the snapshot holds everything. */
  readonly journal: JournalFile | undefined;
}

const APPLICATION_ID = 0x544c5352; // "TLSR"

/** `stem` is the path without `.sqlite`. */
export function databasePaths(stem: string): DatabasePaths {
  return { snapshot: `${stem}.sqlite`, journal: `${stem}.journal`, lock: `${stem}.lock` };
}

/** An empty database of a kind, at generation 1. */
export function newDatabase(sqlite: Sqlite, kind: FileKind): SqliteDatabase {
  const database = new SqliteDatabase(sqlite);
  database.execute(`
    PRAGMA application_id = ${String(APPLICATION_ID)};
    PRAGMA user_version = ${String(kind.version)};
    CREATE TABLE durable (kind TEXT NOT NULL, generation INTEGER NOT NULL);
    ${kind.tables}`);
  database.run('INSERT INTO durable VALUES (:kind, 1)', { kind: kind.name });
  return database;
}

/** Undefined when there is no such database. */
export function readDatabase(sqlite: Sqlite, paths: DatabasePaths, kind: FileKind): DatabaseContent | undefined {
  const journal = readJournalOf(paths.journal);
  const snapshot = readSnapshot(paths.snapshot);
  if (!snapshot) {
    // Looked for again: both may have been removed meanwhile.
    if (journal && existsSync(paths.journal)) throw damagedProblem(paths.journal, 'its snapshot is missing');
    return undefined;
  }
  const opened = openSnapshot(sqlite, snapshot, paths.snapshot, kind);
  return closedOnFailure(opened.database, () => ({ ...opened, journal: replayed(journal, opened, paths, kind) }));
}

/** The journal, once the database has what is in it; undefined when there is none or the snapshot contains it. */
function replayed(
  journal: JournalFile | undefined,
  { database, generation }: OpenedSnapshot,
  paths: DatabasePaths,
  kind: FileKind,
): JournalFile | undefined {
  if (!journal) return undefined;
  if (!journal.content) throw damagedProblem(paths.journal, 'its first bytes are not those of a journal');
  if (journal.content.generation > generation) throw damagedProblem(paths.journal, 'it is newer than its snapshot');
  if (journal.content.generation < generation) return undefined;
  try {
    for (const transaction of journal.content.transactions) applyChanges(database, kind, transaction);
  } catch (error) {
    throw damagedProblem(paths.journal, messageOf(error));
  }
  return journal;
}

/** Applies changes outside of a transaction of their own. An unknown statement is a file of another version. */
export function applyChanges(database: SqliteDatabase, kind: FileKind, changes: readonly Change[]): void {
  for (const [name, parameters] of changes) {
    const sql = kind.statements[name];
    if (sql === undefined) throw new Error(`${kind.name} has no statement "${name}"`);
    database.run(sql, parameters);
  }
}

type OpenedSnapshot = Pick<DatabaseContent, 'database' | 'generation'>;

function openSnapshot(sqlite: Sqlite, bytes: Uint8Array, path: string, kind: FileKind): OpenedSnapshot {
  if (bytes.length === 0) throw damagedProblem(path, 'it is empty'); // SQLite takes it for a new database
  try {
    const database = new SqliteDatabase(sqlite, bytes);
    return closedOnFailure(database, () => ({ database, generation: checkedGeneration(database, path, kind) }));
  } catch (error) {
    if (error instanceof StoreProblem) throw error;
    throw damagedProblem(path, messageOf(error));
  }
}

function checkedGeneration(database: SqliteDatabase, path: string, kind: FileKind): number {
  const [application] = database.all('PRAGMA application_id');
  if (application?.['application_id'] !== APPLICATION_ID)
    throw wrongSchemaProblem(path, 'a database of another program', kind.name);
  const [durable] = database.all('SELECT kind, generation FROM durable');
  const [version] = database.all('PRAGMA user_version');
  if (durable?.['kind'] !== kind.name || version?.['user_version'] !== kind.version) {
    const found = `${String(durable?.['kind'])} (version ${String(version?.['user_version'])})`;
    throw wrongSchemaProblem(path, found, `${kind.name} (version ${String(kind.version)})`);
  }
  return Number(durable['generation']);
}

function readSnapshot(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw readProblem(path, error);
  }
}

function readJournalOf(path: string): JournalFile | undefined {
  try {
    return readJournalFile(path);
  } catch (error) {
    throw readProblem(path, error);
  }
}
