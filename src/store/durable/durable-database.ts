/**
 * A SQLite database that survives a crash at any moment: a snapshot file, and a journal of what changed since.
 *
 * A transaction is tried in memory, appended to the journal, and only then kept, so memory and disk never tell different stories.
 * A checkpoint writes the whole database under the next generation number, then begins a journal of that generation. A journal that
 * is left over from an earlier one is known by its number, so nothing is replayed twice.
 *
 * When an appended transaction is safe from loss of power is up to `sync`; from the end of the process it is safe at once.
 * Problems: store-locked, store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { ensureDirectory, exchangeFile, replaceFile, syncDirectory } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { dirname } from 'node:path';
import { lockedProblem, writeProblem } from '../store-problem.ts';
import { applyChanges, databasePaths, newDatabase, readDatabase } from './database-file.ts';
import type { DatabaseContent, DatabasePaths, FileKind } from './database-file.ts';
import { Journal, removeJournal } from './journal.ts';
import type { Change } from './journal-format.ts';
import { closedOnFailure } from './sqlite.ts';
import type { Parameters, Row, Sqlite, SqliteDatabase } from './sqlite.ts';

/** `each-transaction`: fsync before transact returns. `on-demand`: when sync is called. */
export type Durability = 'each-transaction' | 'on-demand';

export interface DurableOptions {
  readonly sqlite: Sqlite;
  /** The path without `.sqlite`. */
  readonly stem: string;
  readonly kind: FileKind;
  readonly durability: Durability;
}

interface Opened {
  readonly paths: DatabasePaths;
  readonly lock: FileLock;
  readonly database: SqliteDatabase;
  readonly generation: number;
  readonly journal: Journal | undefined;
  readonly tornBytes: number;
}

export class DurableDatabase {
  /** Bytes that a crash left half-written at the end of the journal, and that were cut off on opening. */
  readonly tornBytes: number;
  readonly #kind: FileKind;
  readonly #durability: Durability;
  readonly #paths: DatabasePaths;
  readonly #lock: FileLock;
  readonly #database: SqliteDatabase;
  #generation: number;
  /** Undefined between a checkpoint and the next transaction's new journal, when making one failed. */
  #journal: Journal | undefined;
  /**
   * True once an fsync of the journal has failed. The kernel reports that once and forgets what it could not write, so a later fsync
   * that succeeds proves nothing: only a new snapshot does.
   */
  #isDoubtful = false;

  private constructor({ kind, durability }: DurableOptions, opened: Opened) {
    this.#kind = kind;
    this.#durability = durability;
    this.#paths = opened.paths;
    this.#lock = opened.lock;
    this.#database = opened.database;
    this.#generation = opened.generation;
    this.#journal = opened.journal;
    this.tornBytes = opened.tornBytes;
  }

  /** Opens for writing, makes the database when there is none, and cuts off a torn tail. */
  static open(options: DurableOptions): DurableDatabase {
    const paths = databasePaths(options.stem);
    const lock = acquireLock(paths);
    try {
      return new DurableDatabase(options, { paths, lock, ...load(options, paths) });
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get journalBytes(): number {
    return this.#journal?.sizeBytes ?? 0;
  }

  /** How large a snapshot would be. */
  get databaseBytes(): number {
    const [row] = this.#database.all('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size');
    return Number(row?.['bytes']);
  }

  all(sql: string, parameters?: Parameters): Row[] {
    return this.#database.all(sql, parameters);
  }

  each(sql: string, parameters?: Parameters): Generator<Row> {
    return this.#database.each(sql, parameters);
  }

  /** All of the changes, or none of them. */
  transact(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const journal = this.#openJournal();
    const sizeBefore = journal.sizeBytes;
    this.#database.execute('BEGIN');
    try {
      applyChanges(this.#database, this.#kind, changes);
      this.#appendTo(journal, changes, sizeBefore);
    } catch (error) {
      this.#database.execute('ROLLBACK');
      throw error;
    }
    this.#database.execute('COMMIT');
  }

  /** Makes everything so far safe from loss of power. */
  sync(): void {
    if (this.#isDoubtful) this.checkpoint();
    else this.#syncJournal();
  }

  checkpoint(): void {
    this.#writeSnapshot();
    this.#openJournal();
  }

  /** Folds the journal in, for good: the snapshot then holds everything and stands alone. */
  finish(): void {
    this.#writeSnapshot();
    writing(this.#paths.journal, () => {
      removeJournal(this.#paths.journal);
    });
    this.close();
  }

  close(): void {
    this.#journal?.close();
    this.#journal = undefined;
    this.#database.close();
    this.#lock.release();
  }

  #appendTo(journal: Journal, changes: readonly Change[], sizeBefore: number): void {
    writing(this.#paths.journal, () => {
      journal.append(changes);
    });
    if (this.#durability === 'on-demand') return;
    try {
      this.#syncJournal();
    } catch (error) {
      journal.cutBackTo(sizeBefore);
      throw error;
    }
  }

  #syncJournal(): void {
    try {
      writing(this.#paths.journal, () => this.#journal?.sync());
    } catch (error) {
      this.#isDoubtful = true;
      throw error;
    }
  }

  #writeSnapshot(): void {
    const { snapshot } = this.#paths;
    const generation = this.#generation + 1;
    this.#database.run('UPDATE durable SET generation = :generation', { generation });
    const content = this.#database.export();
    writing(snapshot, () => {
      exchangeFile(snapshot, content);
    });
    // From here on the old journal is out of date, whatever fails now: what were appended to it would be ignored.
    this.#generation = generation;
    this.#isDoubtful = false;
    this.#journal?.close();
    this.#journal = undefined;
    writing(snapshot, () => {
      syncDirectory(dirname(snapshot));
    });
  }

  #openJournal(): Journal {
    if (this.#isDoubtful) this.#writeSnapshot();
    this.#journal ??= writing(this.#paths.journal, () => Journal.create(this.#paths.journal, this.#generation));
    return this.#journal;
  }
}

function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw writeProblem(path, error);
  }
}

function acquireLock(paths: DatabasePaths): FileLock {
  const result = tryLock(paths);
  if (result.kind === 'held') throw lockedProblem(paths.snapshot, result.holder);
  return result.lock;
}

function tryLock(paths: DatabasePaths): ReturnType<typeof lockFile> {
  return writing(paths.lock, () => {
    ensureDirectory(dirname(paths.lock));
    return lockFile(paths.lock);
  });
}

type Loaded = Omit<Opened, 'paths' | 'lock'>;

function load(options: DurableOptions, paths: DatabasePaths): Loaded {
  const content = readDatabase(options.sqlite, paths, options.kind);
  if (!content) return create(options, paths);
  const { database, generation } = content;
  return closedOnFailure(database, () => ({ database, generation, ...resume(content, paths) }));
}

function create({ sqlite, kind }: DurableOptions, paths: DatabasePaths): Loaded {
  const database = newDatabase(sqlite, kind);
  return closedOnFailure(database, () => {
    writing(paths.snapshot, () => {
      replaceFile(paths.snapshot, database.export());
    });
    return { database, generation: 1, ...resume({ generation: 1, journal: undefined }, paths) };
  });
}

function resume(
  { generation, journal: file }: Pick<DatabaseContent, 'generation' | 'journal'>,
  { journal: path }: DatabasePaths,
): Pick<Opened, 'journal' | 'tornBytes'> {
  return writing(path, () => {
    if (!file?.content) return { journal: Journal.create(path, generation), tornBytes: 0 };
    return { journal: Journal.resume(path, file.content), tornBytes: file.sizeBytes - file.content.wholeBytes };
  });
}
