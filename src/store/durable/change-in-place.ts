/**
 * Changes a database file directly, for files that have no name yet by which anybody knows them: on failure the file is worthless.
 *
 * Needs little memory, however large the file or the change is. What was changed is on disk when it returns.
 */
import { FileBytes } from './file-bytes.ts';
import { SqliteDatabase } from './sqlite.ts';
import type { DatabaseContext } from './database-file.ts';

export function changeInPlace(
  { sqlite, disk }: DatabaseContext,
  path: string,
  change: (database: SqliteDatabase) => void,
): void {
  const bytes = new FileBytes(disk, path, 'read-write');
  const database = new SqliteDatabase(sqlite, bytes, 'discardable');
  try {
    database.execute('BEGIN');
    change(database);
    database.execute('COMMIT');
    bytes.sync();
  } finally {
    database.close();
  }
}
