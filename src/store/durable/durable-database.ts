/**
 * A SQLite database that survives a crash at any moment: a snapshot file, and a journal of what changed since.
 *
 * A transaction is tried in memory, appended to the journal and synced, and only then kept, so memory and disk never tell different
 * stories. Memory holds what changed since the snapshot, not the whole. A checkpoint writes the whole database under the next
 * generation number, then begins a journal of that generation; what is left over of an earlier one is known by its number, so nothing
 * is replayed twice.
 * Problems: store-locked, store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { dirname } from 'node:path';
import { exchangeBuiltFile, removeFile, replaceFile, syncDirectory, writeNewFile } from '#support/durable-file.ts';
import type { FileLock } from '#support/file-lock.ts';
import { damagedProblem, writing } from '../store-problem.ts';
import { applyChanges, databasePaths, newDatabase, readDatabase, setState } from './database-file.ts';
import type { DatabaseContent, DatabasePaths, FileKind } from './database-file.ts';
import { changeInPlace } from './change-in-place.ts';
import { Journal } from './journal.ts';
import type { Change } from './journal-format.ts';
import { acquireLock } from './lock-database.ts';
import { closedOnFailure } from './sqlite.ts';
import type { Parameters, Row, Sqlite } from './sqlite.ts';

export interface DurableOptions {
  readonly sqlite: Sqlite;
  /** The path without `.sqlite`. */
  readonly stem: string;
  readonly kind: FileKind;
}

export class DurableDatabase {
  /** Bytes that a crash left half-written at the end of the journal, and that were cut off on opening. */
  readonly tornBytes: number;
  readonly #options: DurableOptions;
  readonly #paths: DatabasePaths;
  readonly #lock: FileLock;
  #content: DatabaseContent;
  /** True once a snapshot has taken the place of the one that `#content` was read from. */
  #isOutdated = false;
  #generation: number;
  /** Undefined between a checkpoint and the next transaction's new journal, when making one failed. */
  #journal: Journal | undefined;

  private constructor(options: DurableOptions, lock: FileLock) {
    this.#options = options;
    this.#paths = databasePaths(options.stem);
    this.#lock = lock;
    this.#content = readOrCreate(options, this.#paths);
    this.#generation = this.#content.generation;
    const { journal } = this.#content;
    this.tornBytes = journal ? journal.sizeBytes - journal.wholeBytes : 0;
    this.#journal = closedOnFailure(this.#content.database, () => resumeJournal(this.#content, this.#paths.journal));
  }

  /** Opens for writing, makes the database when there is none, and cuts off a torn tail. */
  static open(options: DurableOptions): DurableDatabase {
    const lock = acquireLock(databasePaths(options.stem));
    try {
      return new DurableDatabase(options, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get journalBytes(): number {
    return this.#journal?.sizeBytes ?? 0;
  }

  all(sql: string, parameters?: Parameters): Row[] {
    return this.#current().database.all(sql, parameters);
  }

  each(sql: string, parameters?: Parameters): Generator<Row> {
    return this.#current().database.each(sql, parameters);
  }

  /** All of the changes, or none of them; safe from loss of power when it returns. */
  transact(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const journal = this.#openJournal();
    const { database } = this.#current();
    database.execute('BEGIN');
    try {
      applyChanges(database, this.#options.kind, changes);
      this.#appendTo(journal, changes);
    } catch (error) {
      database.execute('ROLLBACK');
      throw error;
    }
    database.execute('COMMIT');
  }

  /**
   * A transaction that is too large for memory and journal: `makeChanges` makes one part of it after the other in a copy of the
   * database, which then takes its place. All of them, or none of them.
   */
  rewrite(makeChanges: (make: (changes: readonly Change[]) => void) => void): void {
    const { sqlite, kind } = this.#options;
    this.#writeSnapshot(this.#generation + 1, (copy) => {
      changeInPlace(sqlite, copy, (database) => {
        makeChanges((changes) => {
          applyChanges(database, kind, changes);
        });
      });
    });
    this.#openJournal();
  }

  checkpoint(): void {
    this.#writeSnapshot(this.#generation + 1);
    this.#openJournal();
  }

  /** Folds the journal in, for good: the snapshot then holds everything and stands alone. */
  finish(): void {
    // Two generations on, a journal that is left over is seen to be in it as a whole.
    this.#writeSnapshot(this.#generation + 2);
    writing(this.#paths.journal, () => {
      removeFile(this.#paths.journal);
    });
    this.close();
  }

  close(): void {
    this.#journal?.close();
    this.#journal = undefined;
    this.#content.database.close();
    this.#lock.release();
  }

  #appendTo(journal: Journal, changes: readonly Change[]): void {
    const sizeBefore = journal.sizeBytes;
    writing(this.#paths.journal, () => {
      journal.append(changes);
    });
    try {
      writing(this.#paths.journal, () => {
        journal.sync();
      });
    } catch (error) {
      journal.cutBackTo(sizeBefore);
      throw error;
    }
  }

  /** Everything as it is, with what `change` makes of the copy before it gets the snapshot's name. */
  #writeSnapshot(generation: number, change: (copy: string) => void = () => undefined): void {
    const { snapshot } = this.#paths;
    const { database, bytes } = this.#current();
    setState(database, { generation, foldedBytes: this.journalBytes });
    writing(snapshot, () => {
      exchangeBuiltFile(snapshot, (copy) => {
        writeNewFile(copy, bytes.content());
        change(copy);
      });
    });
    // From here on the old journal is out of date, whatever fails now: what were appended to it would be ignored.
    this.#generation = generation;
    this.#isOutdated = true;
    this.#journal?.close();
    this.#journal = undefined;
    writing(snapshot, () => {
      syncDirectory(dirname(snapshot));
    });
  }

  /** What was kept in memory before a snapshot was written is in that snapshot now. */
  #current(): DatabaseContent {
    if (!this.#isOutdated) return this.#content;
    const content = readExisting(this.#options, this.#paths);
    this.#content.database.close();
    this.#content = content;
    this.#isOutdated = false;
    return content;
  }

  #openJournal(): Journal {
    this.#journal ??= writing(this.#paths.journal, () => Journal.create(this.#paths.journal, this.#generation));
    return this.#journal;
  }
}

function readOrCreate(options: DurableOptions, paths: DatabasePaths): DatabaseContent {
  const { sqlite, kind } = options;
  const content = readDatabase(sqlite, paths, kind);
  if (content) return content;
  writing(paths.snapshot, () => {
    replaceFile(paths.snapshot, newDatabase(sqlite, kind));
  });
  return readExisting(options, paths);
}

function readExisting({ sqlite, kind }: DurableOptions, paths: DatabasePaths): DatabaseContent {
  const content = readDatabase(sqlite, paths, kind);
  if (!content) throw damagedProblem(paths.snapshot, 'it was removed while it was written');
  return content;
}

function resumeJournal({ generation, journal }: DatabaseContent, path: string): Journal {
  return writing(path, () =>
    journal ? Journal.resume(path, journal.generation, journal.wholeBytes) : Journal.create(path, generation),
  );
}
