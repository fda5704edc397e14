/**
 * SQLite on a file whose disk fails: each error says what the system says, whatever SQLite was doing, and none is passed over.
 */
import { describe, expect, it } from 'vitest';
import { FileBytes, LayeredBytes } from '#store/durable/file-bytes.ts';
import type { DatabaseBytes } from '#store/durable/file-bytes.ts';
import { loadSqlite, SqliteDatabase } from '#store/durable/sqlite.ts';
import { errnoOf } from '#support/problem.ts';
import { writeNewFile } from '#support/durable-file.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const FILE = '/file.sqlite';
const ROWS = Array.from({ length: 200 }, (_, index) => index);

const sqlite = await loadSqlite();

function diskWithDatabase(): SimulatedDisk {
  const disk = new SimulatedDisk();
  const database = new SqliteDatabase(sqlite);
  database.execute('CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT); BEGIN');
  for (const id of ROWS) database.run('INSERT INTO t VALUES (:id, :text)', { id, text: 'x'.repeat(100) });
  database.execute('COMMIT');
  writeNewFile(FILE, [database.export()], { disk });
  database.close();
  return disk;
}

function useIt(bytes: DatabaseBytes): void {
  const database = new SqliteDatabase(sqlite, bytes, 'discardable');
  try {
    database.all('PRAGMA quick_check(1)');
    database.execute('BEGIN');
    for (const id of ROWS) database.run('UPDATE t SET text = :text WHERE id = :id', { id, text: 'y' });
    expect(database.all('SELECT count(*) AS rows FROM t')).toEqual([{ rows: ROWS.length }]);
    database.run('INSERT INTO t VALUES (:id, :text)', { id: 1_000, text: 'z'.repeat(50_000) });
    database.execute('COMMIT');
  } finally {
    database.close();
  }
}

describe('SQLite on a disk that fails once', () => {
  it.each([
    ['EIO', 'read', 'store-not-readable'],
    ['EACCES', 'read', 'store-not-readable'],
    ['EIO', 'write', 'EIO'],
    ['ENOSPC', 'write', 'ENOSPC'],
    ['EACCES', 'write', 'EACCES'],
  ] as const)('says %s of each %s as %s', (errno, call, said) => {
    let failed = 0;
    for (let n = 1; ; n += 1) {
      const disk = diskWithDatabase();
      const bytes = new FileBytes(disk, FILE, 'read-write');
      disk.faults.failNth(n, { errno }, [call]);
      const before = disk.faults.happened;
      const outcome = outcomeOf(() => {
        useIt(bytes);
      });
      if (disk.faults.happened === before) break;
      failed += 1;
      expect([n, outcome]).toEqual([n, said]);
    }
    expect(failed).toBeGreaterThan(10);
  });

  it('says so of what is read below what is kept in memory', () => {
    let failed = 0;
    for (let n = 1; ; n += 1) {
      const disk = diskWithDatabase();
      const bytes = LayeredBytes.of(disk, FILE);
      disk.faults.failNth(n, { errno: 'EIO' }, ['read']);
      const before = disk.faults.happened;
      const outcome = outcomeOf(() => {
        useIt(bytes);
      });
      if (disk.faults.happened === before) break;
      failed += 1;
      expect([n, outcome]).toEqual([n, 'store-not-readable']);
    }
    expect(failed).toBeGreaterThan(10);
  });
});

function outcomeOf(act: () => void): string | undefined {
  try {
    act();
    return 'nothing';
  } catch (error) {
    return errnoOf(error) ?? String(error);
  }
}
