/**
 * A SQLite database that survives a crash at any moment: a snapshot file, and journals of what changed since.
 *
 * A transaction is tried in memory, appended to the journal and synced, and only then kept, so memory and disk never tell different
 * stories. Memory holds what changed since the snapshot, not the whole. A checkpoint writes the whole database, which says up to which
 * transaction it goes, and removes the journals.
 * Problems: store-locked, store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { dirname } from 'node:path';
import {
  exchangeBuiltFile,
  removeIfThere,
  replaceFile,
  syncDirectory,
  temporaryName,
  writeNewFile,
} from '#support/durable-file.ts';
import type { FileLock } from '#support/file-lock.ts';
import { damagedProblem, writeProblem, writing } from '../store-problem.ts';
import { changeInPlace } from './change-in-place.ts';
import { applyChanges, formatChanges } from './changes.ts';
import type { Change } from './changes.ts';
import { databasePaths, readDatabase } from './database-file.ts';
import type { DatabaseContent, DatabasePaths, DatabaseContext } from './database-file.ts';
import type { FileKind } from './file-kind.ts';
import { removeJournals, syncJournals } from './journal-files.ts';
import { Journal } from './journal.ts';
import { acquireLock } from './lock-database.ts';
import { newDatabase, setLastFrame } from './snapshot.ts';
import { closedOnFailure } from './sqlite.ts';
import type { Parameters, Row } from './sqlite.ts';

export interface DurableOptions extends DatabaseContext {
  /** The path without `.sqlite`. */
  readonly stem: string;
  readonly kind: FileKind;
}

export class DurableDatabase {
  /** Bytes that a crash left half-written at the end of the journal; they do not count. */
  readonly tornBytes: number;
  readonly #options: DurableOptions;
  readonly #paths: DatabasePaths;
  readonly #lock: FileLock;
  readonly #journal: Journal;
  #content: DatabaseContent;
  /** True once a snapshot has taken the place of the one that `#content` was read from. */
  #isOutdated = false;

  private constructor(options: DurableOptions, lock: FileLock) {
    const { disk, stem } = options;
    this.#options = options;
    this.#paths = databasePaths(stem);
    this.#lock = lock;
    this.#content = readOrCreate(options, this.#paths);
    const { lastFrame, lastJournal: lastNumber, tornBytes } = this.#content;
    this.tornBytes = tornBytes;
    this.#journal = new Journal({ disk, stem, lastFrame, lastNumber });
  }

  /** Opens for writing, and makes the database when there is none. */
  static open(options: DurableOptions): DurableDatabase {
    const lock = acquireLock(options.disk, databasePaths(options.stem));
    try {
      return new DurableDatabase(options, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Of what was appended since the database was opened, or the last checkpoint. */
  get journalBytes(): number {
    return this.#journal.sizeBytes;
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
    this.#try(changes);
    try {
      writing(this.#journalName, () => {
        this.#journal.append(formatChanges(changes));
      });
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#keep();
  }

  /** The same, while the caller goes on and may read; nothing else may be changed before it has ended. What is read shows the changes already. */
  async transactLater(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    this.#try(changes);
    try {
      await this.#journal.appendLater(formatChanges(changes));
    } catch (error) {
      this.#takeBack();
      throw writeProblem(this.#journalName, error);
    }
    this.#keep();
  }

  /**
   * A transaction that is too large for memory and journal: `makeChanges` makes one part of it after the other in a copy of the
   * database, which then takes its place. All of them, or none of them.
   */
  rewrite(makeChanges: (make: (changes: readonly Change[]) => void) => void): void {
    this.#writeSnapshot((copy) => {
      changeInPlace(this.#options, copy, (database) => {
        makeChanges((changes) => {
          applyChanges(database, this.#options.kind, changes);
        });
      });
    });
  }

  /** The snapshot then holds everything and stands alone. */
  checkpoint(): void {
    this.#writeSnapshot();
  }

  close(): void {
    try {
      this.#journal.close();
      this.#content.database.close();
    } finally {
      this.#lock.release();
    }
  }

  get #journalName(): string {
    return `${this.#paths.stem}.N.journal`;
  }

  /** Makes changes in memory that are still to be kept or taken back. */
  #try(changes: readonly Change[]): void {
    const { database } = this.#current();
    database.execute('BEGIN');
    try {
      applyChanges(database, this.#options.kind, changes);
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  #takeBack(): void {
    unlessRefused(() => {
      this.#content.database.execute('ROLLBACK');
    });
  }

  /** What is in the journal counts, also when the disk refuses what memory needs for it: then it is read anew. */
  #keep(): void {
    this.#isOutdated = !unlessRefused(() => {
      this.#content.database.execute('COMMIT');
    });
  }

  /** Everything as it is, with what `change` makes of the copy before it gets the snapshot's name. */
  #writeSnapshot(change: (copy: string) => void = () => undefined): void {
    const { snapshot, stem } = this.#paths;
    const { disk } = this.#options;
    const { database, bytes } = this.#current();
    setLastFrame(database, this.#journal.triedFrame);
    writing(snapshot, () => {
      exchangeBuiltFile(
        snapshot,
        (copy) => {
          writeNewFile(copy, bytes.content(), { disk });
          change(copy);
        },
        disk,
      );
      this.#isOutdated = true;
      this.#journal.goOnBehindSnapshot();
      syncDirectory(dirname(snapshot), disk);
      removeJournals(disk, stem);
    });
  }

  /** What was kept in memory before a snapshot was written is in that snapshot now. */
  #current(): DatabaseContent {
    if (!this.#isOutdated) return this.#content;
    const outdated = this.#content;
    this.#content = readExisting(this.#options, this.#paths);
    this.#isOutdated = false;
    unlessRefused(() => {
      outdated.database.close();
    });
    return this.#content;
  }
}

/** SQLite has rolled back by itself when the disk failed, and what was only read can be closed without loss. False when it threw. */
function unlessRefused(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function readOrCreate(options: DurableOptions, paths: DatabasePaths): DatabaseContent {
  const { sqlite, kind, disk } = options;
  writing(paths.snapshot, () => {
    removeIfThere(temporaryName(paths.snapshot), disk); // left by a process that was killed
    syncJournals(disk, paths.stem);
  });
  const content = readDatabase(options, paths, kind);
  if (content) return undamaged(content, paths);
  writing(paths.snapshot, () => {
    replaceFile(paths.snapshot, newDatabase(sqlite, kind), disk);
  });
  return readExisting(options, paths);
}

function readExisting(options: DurableOptions, paths: DatabasePaths): DatabaseContent {
  const content = readDatabase(options, paths, options.kind);
  if (!content) throw damagedProblem(paths.snapshot, 'it was removed while it was written');
  return content;
}

/** Nothing is added to what is not whole. */
function undamaged(content: DatabaseContent, { stem }: DatabasePaths): DatabaseContent {
  return closedOnFailure(content.database, () => {
    const [why] = content.damage;
    if (why !== undefined) throw damagedProblem(`${stem}.N.journal`, why);
    return content;
  });
}
