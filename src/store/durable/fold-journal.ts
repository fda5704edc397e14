/**
 * Makes the snapshot contain what the journal beside it says, while the journal's writer may go on appending.
 *
 * The new snapshot is built beside the old one, in little memory, and says how much of which journal is in it. So the journal goes on
 * from there, before its writer has begun a new one as well as after, and a crash at any moment leaves files that fit together.
 * Problems: store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { copyFileSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { exchangeBuiltFile, removeFile, syncDirectory } from '#support/durable-file.ts';
import { writing } from '../store-problem.ts';
import { changeInPlace } from './change-in-place.ts';
import {
  databasePaths,
  followingJournal,
  openSnapshot,
  replay,
  setState,
  stateOf,
  withJournal,
} from './database-file.ts';
import type { DatabasePaths, FileKind, JournalPart, SnapshotState } from './database-file.ts';
import { FileBytes } from './file-bytes.ts';
import type { JournalReader } from './journal-reader.ts';
import type { Sqlite } from './sqlite.ts';

export interface FoldOptions {
  readonly sqlite: Sqlite;
  readonly stem: string;
  readonly kind: FileKind;
  /** Nothing will be appended any more: the journal is removed, and the snapshot stands alone. */
  readonly finish: boolean;
}

/** Where the snapshot stands afterwards; its writer may begin a journal of that generation with what follows `foldedBytes`. */
export function foldJournal({ sqlite, stem, kind, finish }: FoldOptions): SnapshotState {
  const paths = databasePaths(stem);
  return withJournal(paths.journal, (journal) => {
    const before = readState(sqlite, paths, kind);
    const part = journal && followingJournal(journal, before, paths.journal);
    const state = part ? writeFolded({ sqlite, paths, kind, part, finish }) : before;
    if (finish)
      writing(paths.journal, () => {
        removeFile(paths.journal);
      });
    return state;
  });
}

interface Folding {
  readonly sqlite: Sqlite;
  readonly paths: DatabasePaths;
  readonly kind: FileKind;
  readonly part: JournalPart;
  readonly finish: boolean;
}

function writeFolded({ sqlite, paths, kind, part, finish }: Folding): SnapshotState {
  const { snapshot } = paths;
  return writing(snapshot, () => {
    exchangeBuiltFile(snapshot, (copy) => {
      copyFileSync(snapshot, copy, constants.COPYFILE_FICLONE);
      changeInPlace(sqlite, copy, (database) => {
        replay(part, database, paths.journal, kind);
        setState(database, stateAfter(part.journal, finish));
      });
    });
    syncDirectory(dirname(snapshot));
    return stateAfter(part.journal, finish);
  });
}

/** Two generations on, a journal that is left over is seen to be in the snapshot as a whole. */
function stateAfter({ generation = 0, wholeBytes }: JournalReader, finish: boolean): SnapshotState {
  return finish
    ? { generation: generation + 2, foldedBytes: 0 }
    : { generation: generation + 1, foldedBytes: wholeBytes };
}

function readState(sqlite: Sqlite, { snapshot }: DatabasePaths, kind: FileKind): SnapshotState {
  const database = openSnapshot(sqlite, new FileBytes(snapshot, 'read'), snapshot, kind);
  try {
    return stateOf(database, snapshot);
  } finally {
    database.close();
  }
}
