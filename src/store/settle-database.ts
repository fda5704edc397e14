/**
 * Makes one file of a database that has journals, for copies that nobody writes any more.
 * Problems: store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { replaceFileByChunks } from '#support/durable-file.ts';
import { databasePaths, readDatabase } from './durable/database-file.ts';
import type { DatabaseContext } from './durable/database-file.ts';
import type { FileKind } from './durable/file-kind.ts';
import { removeJournals } from './durable/journal-files.ts';
import { setLastFrame } from './durable/snapshot.ts';
import { writing } from './store-problem.ts';

/** Nothing happens where there is no such database. */
export function settleDatabase(context: DatabaseContext, stem: string, kind: FileKind): void {
  const paths = databasePaths(stem);
  const content = readDatabase(context, paths, kind);
  if (!content) return;
  try {
    setLastFrame(content.database, content.lastFrame);
    writing(paths.snapshot, () => {
      replaceFileByChunks(paths.snapshot, content.bytes.content(), context.disk);
      removeJournals(context.disk, stem);
    });
  } finally {
    content.database.close();
  }
}
