/**
 * Reads a durable database, snapshot and journal together, without a lock and without writing anything.
 *
 * A snapshot says which generation it is and how much of the journal before it it contains: the journal of its own generation follows
 * it as a whole, that of the generation before from there on, and an older one is in it. The journal is opened first. A writer that
 * folds it meanwhile, or closes the file for good, then leaves a snapshot that says how they fit; read the other way round, what only
 * the journal held would be missed.
 * Problems: store-damaged, store-wrong-schema, store-not-readable.
 */
import { existsSync } from 'node:fs';
import { errnoOf, messageOf } from '#support/problem.ts';
import { damagedProblem, readProblem, StoreProblem, wrongSchemaProblem } from '../store-problem.ts';
import { LayeredBytes } from './file-bytes.ts';
import type { DatabaseBytes } from './file-bytes.ts';
import { HEADER_BYTES } from './journal-format.ts';
import type { Change } from './journal-format.ts';
import { JournalReader } from './journal-reader.ts';
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

/** Where a snapshot stands. */
export interface SnapshotState {
  readonly generation: number;
  /** How many bytes of the journal of the generation before are in it. */
  readonly foldedBytes: number;
}

/** A journal that goes on from where the snapshot stands. */
export interface FollowingJournal {
  readonly generation: number;
  readonly wholeBytes: number;
  /** More than `wholeBytes` when a crash tore the last transaction. */
  readonly sizeBytes: number;
  /** What could not be read although something whole follows: damage. */
  readonly skippedBytes: number;
}

export interface DatabaseContent extends SnapshotState {
  readonly database: SqliteDatabase;
  readonly bytes: LayeredBytes;
  /** Undefined when the snapshot holds everything. */
  readonly journal: FollowingJournal | undefined;
}

const APPLICATION_ID = 0x544c5352; // "TLSR"

/** `stem` is the path without `.sqlite`. */
export function databasePaths(stem: string): DatabasePaths {
  return { snapshot: `${stem}.sqlite`, journal: `${stem}.journal`, lock: `${stem}.lock` };
}

/** The bytes of a new database of a kind, at generation 1. */
export function newDatabase(sqlite: Sqlite, kind: FileKind): Uint8Array {
  const database = new SqliteDatabase(sqlite);
  try {
    database.execute(`
      PRAGMA application_id = ${String(APPLICATION_ID)};
      PRAGMA user_version = ${String(kind.version)};
      CREATE TABLE durable (kind TEXT NOT NULL, generation INTEGER NOT NULL, folded_bytes INTEGER NOT NULL);
      ${kind.tables}`);
    database.run('INSERT INTO durable VALUES (:kind, 1, 0)', { kind: kind.name });
    return database.export();
  } finally {
    database.close();
  }
}

/** Undefined when there is no such database. */
export function readDatabase(sqlite: Sqlite, paths: DatabasePaths, kind: FileKind): DatabaseContent | undefined {
  return withJournal(paths.journal, (journal) => {
    const bytes = openIfThere(paths.snapshot);
    if (!bytes) {
      // Looked for again: both may have been removed meanwhile.
      if (journal && existsSync(paths.journal)) throw damagedProblem(paths.journal, 'its snapshot is missing');
      return undefined;
    }
    const database = openSnapshot(sqlite, bytes, paths.snapshot, kind);
    return closedOnFailure(database, () => {
      const state = stateOf(database, paths.snapshot);
      const following = journal && followingJournal(journal, state, paths.journal);
      if (following) replay(following, database, paths.journal, kind);
      return { database, bytes, ...state, journal: following && placeOf(following.journal) };
    });
  });
}

/** Opens the journal while `use` needs it; undefined when there is none. */
export function withJournal<T>(path: string, use: (journal: JournalReader | undefined) => T): T {
  const journal = reading(path, () => JournalReader.open(path));
  try {
    return use(journal);
  } finally {
    journal?.close();
  }
}

export interface JournalPart {
  readonly journal: JournalReader;
  readonly fromByte: number;
}

/** What of a journal a snapshot does not have; undefined when it has everything. */
export function followingJournal(
  journal: JournalReader,
  { generation, foldedBytes }: SnapshotState,
  path: string,
): JournalPart | undefined {
  if (journal.generation === undefined) throw damagedProblem(path, 'its first bytes are not those of a journal');
  if (journal.generation > generation) throw damagedProblem(path, 'it is newer than its snapshot');
  if (journal.generation === generation) return { journal, fromByte: HEADER_BYTES };
  const isBefore = journal.generation === generation - 1 && journal.sizeBytes >= foldedBytes;
  return isBefore ? { journal, fromByte: foldedBytes } : undefined;
}

/** Applies what is whole; the part's journal knows afterwards how far that went. */
export function replay(
  { journal, fromByte }: JournalPart,
  database: SqliteDatabase,
  path: string,
  kind: FileKind,
): void {
  try {
    for (const transaction of journal.transactions(fromByte)) applyChanges(database, kind, transaction);
  } catch (error) {
    throw damagedProblem(path, messageOf(error));
  }
}

/** Applies changes outside of a transaction of their own. An unknown statement is a file of another version. */
export function applyChanges(database: SqliteDatabase, kind: FileKind, changes: Iterable<Change>): void {
  for (const change of changes) {
    const [name] = change;
    const sql = kind.statements[name];
    if (sql === undefined) throw new Error(`${kind.name} has no statement "${name}"`);
    if (change.length === 2) database.run(sql, change[1]);
    else database.runRows(sql, change[1], change[2]);
  }
}

/** Closes the bytes when they are not a database. */
export function openSnapshot(sqlite: Sqlite, bytes: DatabaseBytes, path: string, kind: FileKind): SqliteDatabase {
  return askingSnapshot(path, () => {
    if (bytes.length === 0) throw damagedProblem(path, 'it is empty'); // SQLite takes it for a new database
    const database = new SqliteDatabase(sqlite, bytes);
    return closedOnFailure(database, () => checkedKind(database, path, kind));
  });
}

/** What SQLite cannot make sense of is damaged, unless it is the disk that failed. */
function askingSnapshot<T>(path: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof StoreProblem) throw error;
    throw errnoOf(error) === undefined ? damagedProblem(path, messageOf(error)) : readProblem(path, error);
  }
}

export function stateOf(database: SqliteDatabase, path: string): SnapshotState {
  const [durable] = askingSnapshot(path, () => database.all('SELECT generation, folded_bytes FROM durable'));
  if (!durable) throw damagedProblem(path, 'it does not say which generation it is');
  return { generation: Number(durable['generation']), foldedBytes: Number(durable['folded_bytes']) };
}

export function setState(database: SqliteDatabase, { generation, foldedBytes }: SnapshotState): void {
  database.run('UPDATE durable SET generation = :generation, folded_bytes = :foldedBytes', { generation, foldedBytes });
}

function placeOf({ generation = 0, wholeBytes, sizeBytes, skippedBytes }: JournalReader): FollowingJournal {
  return { generation, wholeBytes, sizeBytes, skippedBytes };
}

function checkedKind(database: SqliteDatabase, path: string, kind: FileKind): SqliteDatabase {
  const [application] = database.all('PRAGMA application_id');
  if (application?.['application_id'] !== APPLICATION_ID)
    throw wrongSchemaProblem(path, 'a database of another program', kind.name);
  const [durable] = database.all('SELECT kind FROM durable');
  const [version] = database.all('PRAGMA user_version');
  if (durable?.['kind'] === kind.name && version?.['user_version'] === kind.version) return database;
  const found = `${String(durable?.['kind'])} (version ${String(version?.['user_version'])})`;
  throw wrongSchemaProblem(path, found, `${kind.name} (version ${String(kind.version)})`);
}

function openIfThere(path: string): LayeredBytes | undefined {
  try {
    return new LayeredBytes(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw readProblem(path, error);
  }
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw readProblem(path, error);
  }
}
