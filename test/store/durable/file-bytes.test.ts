import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FileBytes, LayeredBytes } from '#store/durable/file-bytes.ts';
import { loadSqlite, SqliteDatabase } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import { writeNewFile } from '#support/durable-file.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { has } from '#test/support/real-parts.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

afterEach(healDisk);

/** With a thousand rows in it. */
function madeFile(): string {
  const path = join(scratchDirectory(), 'numbers.sqlite');
  const database = new SqliteDatabase(sqlite);
  database.execute('CREATE TABLE numbers (number INTEGER PRIMARY KEY, text TEXT)');
  insert(database, 0, 1_000);
  writeFileSync(path, database.export());
  database.close();
  return path;
}

function insert(database: SqliteDatabase, from: number, to: number): void {
  for (let number = from; number < to; number += 1)
    database.run('INSERT INTO numbers VALUES (:number, :text)', { number, text: `text of ${String(number)}` });
}

function countIn(database: SqliteDatabase): unknown {
  return database.all('SELECT count(*) AS count FROM numbers')[0]?.['count'];
}

function shell(path: string, sql: string): string {
  return execFileSync('sqlite3', [path, sql], { encoding: 'utf8' }).trim();
}

describe('A database on a file', () => {
  it.runIf(has('sqlite3'))('has in the file what was committed, and the sqlite3 shell finds no fault with it', () => {
    const path = madeFile();
    const database = new SqliteDatabase(sqlite, new FileBytes(systemDisk, path, 'read-write'), 'discardable');
    database.execute('BEGIN');
    insert(database, 1_000, 50_000);
    database.run('DELETE FROM numbers WHERE number < 500');
    database.execute('COMMIT');
    expect(countIn(database)).toBe(49_500);
    database.close();
    expect(shell(path, 'PRAGMA integrity_check; SELECT count(*), max(text) FROM numbers')).toBe(
      'ok\n49500|text of 9999',
    );
  });

  it('is not changed by one that reads, even when it tries', () => {
    const path = madeFile();
    const before = readFileSync(path);
    const database = new SqliteDatabase(sqlite, new FileBytes(systemDisk, path, 'read'));
    expect(countIn(database)).toBe(1_000);
    expect(() => {
      insert(database, 1_000, 1_001);
    }).toThrow();
    database.close();
    expect(readFileSync(path)).toEqual(before);
  });

  it('says what the system says when the disk is full, and not what SQLite makes of it', () => {
    const path = madeFile();
    const database = new SqliteDatabase(sqlite, new FileBytes(systemDisk, path, 'read-write'), 'discardable');
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: 'numbers.sqlite' });
    database.execute('BEGIN');
    insert(database, 1_000, 2_000);
    expect(() => {
      database.execute('COMMIT');
    }).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    database.close();
  });

  it.each([1, 5_000])('does not part from its file unseen when it is made shorter (%i rows left)', (left) => {
    const database = new SqliteDatabase(sqlite, new FileBytes(systemDisk, madeFile(), 'read-write'), 'discardable');
    insert(database, 1_000, 20_000);
    database.run('DELETE FROM numbers WHERE number >= :left', { left });
    expect(() => {
      database.execute('VACUUM');
      insert(database, 30_000, 30_001);
    }).toThrow(/cannot be cut off|malformed/);
    database.close();
  });
});

describe('A database in layers over a file', () => {
  it.runIf(has('sqlite3'))('leaves the file alone, knows what was written, and hands out all of it', () => {
    const path = madeFile();
    const before = readFileSync(path);
    const bytes = LayeredBytes.of(systemDisk, path);
    const database = new SqliteDatabase(sqlite, bytes);
    insert(database, 1_000, 30_000);
    database.run('UPDATE numbers SET text = :text WHERE number = 7', { text: 'seven' });
    expect(countIn(database)).toBe(30_000);
    const copy = `${path}.copy`;
    writeFileSync(copy, Buffer.concat([...bytes.content()].map((piece) => Buffer.from(piece))));
    database.close();
    expect(readFileSync(path)).toEqual(before);
    expect(
      shell(copy, 'PRAGMA integrity_check; SELECT count(*) FROM numbers; SELECT text FROM numbers WHERE number = 7'),
    ).toBe('ok\n30000\nseven');
  });

  it('says what the system says when a piece of it cannot be read, and nothing of it afterwards', () => {
    const disk = new SimulatedDisk();
    writeNewFile('/numbers.sqlite', [readFileSync(madeFile())], { disk });
    const bytes = LayeredBytes.of(disk, '/numbers.sqlite');
    const database = new SqliteDatabase(sqlite, bytes);
    disk.faults.failNext('read', { errno: 'EIO' });
    expect(() => [...bytes.content()]).toThrow(expect.objectContaining({ code: 'store-not-readable' }));
    expect(countIn(database)).toBe(1_000);
    database.close();
  });

  it('takes back what a transaction changed', () => {
    const database = new SqliteDatabase(sqlite, LayeredBytes.of(systemDisk, madeFile()));
    database.execute('BEGIN');
    insert(database, 1_000, 40_000);
    database.execute('ROLLBACK');
    expect(countIn(database)).toBe(1_000);
    insert(database, 1_000, 1_010);
    expect(countIn(database)).toBe(1_010);
    database.close();
  });

  it('reads like an array to which the same was written', () => {
    const path = join(scratchDirectory(), 'bytes');
    const writes = fc.array(fc.tuple(fc.nat({ max: 40_000 }), fc.uint8Array({ minLength: 1, maxLength: 9_000 })));
    const ranges = fc.array(fc.tuple(fc.nat({ max: 50_000 }), fc.nat({ max: 8_192 })), { minLength: 5 });
    const base = Buffer.from(Array.from({ length: 20_480 }, (_, index) => index % 251));
    base.writeUInt16BE(8_192, 16);
    writeFileSync(path, base);
    fc.assert(
      fc.property(writes, ranges, (written, read) => {
        const bytes = LayeredBytes.of(systemDisk, path);
        const expected = new Uint8Array(60_000);
        expected.set(base);
        for (const [position, piece] of written) {
          bytes.set(piece, position);
          expected.set(piece, position);
        }
        for (const [start, length] of read)
          expect(Buffer.from(bytes.subarray(start, start + length))).toEqual(
            Buffer.from(expected.subarray(start, start + length)),
          );
        bytes.close();
      }),
      { numRuns: 30 },
    );
  });
});
