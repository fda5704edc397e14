/**
 * A copy of a snapshot that is changed in place, in little memory, until it takes the snapshot's name.
 *
 * Until then nobody knows it: when anything fails it is worthless and is discarded. What a killed process left of one is removed.
 * Problems: store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { dirname } from 'node:path';
import { removeIfPossible, removeIfThere, syncDirectory, temporaryName, writeNewFile } from '#support/durable-file.ts';
import { replacedProblem, writing } from '../store-problem.ts';
import { applyChanges } from './changes.ts';
import type { Change } from './changes.ts';
import type { DatabasePaths, DatabaseContext } from './database-file.ts';
import { FileBytes } from './file-bytes.ts';
import type { FileKind } from './file-kind.ts';
import { checked, lastFrameOf, newDatabase, setLastFrame } from './snapshot.ts';
import { closedOnFailure, SqliteDatabase } from './sqlite.ts';

export class WorkingCopy {
  readonly database: SqliteDatabase;
  /** The last frame that is in the snapshot it was made from; 0 for a new one. */
  readonly lastFrame: number;
  readonly sizeBytes: number;
  /** True when there was no snapshot. */
  readonly isNew: boolean;
  readonly #context: DatabaseContext;
  readonly #snapshot: string;
  readonly #path: string;
  readonly #kind: FileKind;
  readonly #bytes: FileBytes;

  private constructor(context: DatabaseContext, snapshot: string, kind: FileKind, isNew: boolean) {
    this.isNew = isNew;
    this.#context = context;
    this.#snapshot = snapshot;
    this.#path = temporaryName(snapshot);
    this.#kind = kind;
    this.#bytes = new FileBytes(context.disk, this.#path, 'read-write');
    this.sizeBytes = this.#bytes.length;
    this.database = checked(snapshot, () => new SqliteDatabase(context.sqlite, this.#bytes, 'discardable'), kind);
    this.lastFrame = closedOnFailure(this.database, () => {
      this.database.execute('BEGIN');
      return lastFrameOf(this.database, snapshot);
    });
  }

  /** Of what is there, or without `snapshot` a new one. */
  static make(
    context: DatabaseContext,
    { snapshot }: DatabasePaths,
    kind: FileKind,
    from: 'snapshot' | 'nothing',
  ): WorkingCopy {
    const { sqlite, disk } = context;
    const path = temporaryName(snapshot);
    return writing(snapshot, () => {
      try {
        removeIfThere(path, disk);
        if (from === 'snapshot') disk.copy(snapshot, path);
        else writeNewFile(path, [newDatabase(sqlite, kind)], { disk });
        return new WorkingCopy(context, snapshot, kind, from === 'nothing');
      } catch (error) {
        removeIfPossible(path, disk);
        throw error;
      }
    });
  }

  apply(changes: Iterable<Change>): void {
    writing(this.#snapshot, () => {
      applyChanges(this.database, this.#kind, changes);
    });
  }

  /** Becomes the snapshot, which has everything up to `lastFrame`; on disk when it returns. The copy is closed, also when this fails. */
  publish(lastFrame: number): void {
    const { disk } = this.#context;
    writing(this.#snapshot, () => {
      try {
        setLastFrame(this.database, lastFrame);
        this.database.execute('COMMIT');
        this.#bytes.sync();
        if (!this.#bytes.isInPlace) throw replacedProblem(this.#path);
        this.database.close();
        disk.rename(this.#path, this.#snapshot);
        syncDirectory(dirname(this.#snapshot), disk);
      } catch (error) {
        this.discard();
        throw error;
      }
    });
  }

  discard(): void {
    try {
      this.database.close();
    } catch {
      // It is worthless in any case.
    }
    removeIfPossible(this.#path, this.#context.disk);
  }
}
