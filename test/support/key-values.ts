/**
 * The smallest kind of durable database: values by key.
 */
import type { Change } from '#store/durable/changes.ts';
import { databasePaths, readDatabase } from '#store/durable/database-file.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { DurableDatabase } from '#store/durable/durable-database.ts';
import type { FileKind } from '#store/durable/file-kind.ts';
import type { Row } from '#store/durable/sqlite.ts';

export const keyValueKind: FileKind = {
  name: 'values by key',
  version: 3,
  tables: 'CREATE TABLE pairs (key TEXT PRIMARY KEY, value INTEGER NOT NULL);',
  statements: {
    put: 'INSERT OR REPLACE INTO pairs VALUES (:key, :value)',
    add: 'INSERT INTO pairs VALUES (:key, :value)',
    remove: 'DELETE FROM pairs WHERE key = :key',
  },
};

const ALL_PAIRS = 'SELECT key, value FROM pairs ORDER BY key';

export function openPairs(context: DatabaseContext, stem: string): DurableDatabase {
  return DurableDatabase.open({ ...context, stem, kind: keyValueKind });
}

export function put(key: string, value: number): Change {
  return ['put', { key, value }];
}

export function pairsIn(database: DurableDatabase): Record<string, number> {
  return pairsOf(database.all(ALL_PAIRS));
}

/** What a reader finds on the disk now; undefined when there is no database. */
export function pairsOnDisk(
  context: DatabaseContext,
  stem: string,
  kind: FileKind = keyValueKind,
): Record<string, number> | undefined {
  const content = readDatabase(context, databasePaths(stem), kind);
  if (!content) return undefined;
  const pairs = pairsOf(content.database.all(ALL_PAIRS));
  content.database.close();
  return pairs;
}

function pairsOf(rows: readonly Row[]): Record<string, number> {
  return Object.fromEntries(rows.map((row) => [String(row['key']), Number(row['value'])]));
}
