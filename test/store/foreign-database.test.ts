import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { ForeignDatabase } from '#store/foreign-database.ts';
import type { ForeignOpening } from '#store/foreign-database.ts';
import { systemDisk } from '#support/disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const TABLES = { counts: { columns: ['name', 'kind', 'count'], index: ['name'] } };
const SOUND = `CREATE TABLE counts (name, kind, count);
  INSERT INTO counts VALUES ('b', NULL, 1), ('a', 'x', 2), ('a', NULL, 3), ('a', NULL, 5)`;

async function fileOf(sql: string): Promise<string> {
  const { Database } = await initSqlJs();
  const database = new Database();
  database.run(sql);
  const path = join(scratchDirectory(), 'foreign.sqlite');
  writeFileSync(path, database.export());
  database.close();
  return path;
}

async function open(sql: string, fault: () => string | undefined = () => undefined): Promise<ForeignOpening> {
  return ForeignDatabase.open({ sqlite: await loadSqlite(), disk: systemDisk }, await fileOf(sql), {
    tables: TABLES,
    fault,
  });
}

describe('ForeignDatabase', () => {
  it('gives the rows that are asked for, in the order that is asked for', async () => {
    const opening = await open(SOUND);
    if (opening.kind !== 'opened') throw new Error(opening.why);
    const { database } = opening;
    const where = { name: 'a', kind: null };
    const orderBy = [{ descending: 'count' }];
    expect([...database.rows({ from: 'counts', columns: ['count'], where, orderBy })]).toEqual([
      { count: 5 },
      { count: 3 },
    ]);
    expect([...database.rows({ from: 'counts', columns: ['name'], orderBy: ['name'], distinct: true })]).toEqual([
      { name: 'a' },
      { name: 'b' },
    ]);
    database.close();
  });

  it('does not blame the file for a disk of our own that fails', async () => {
    const read = (): never => {
      throw Object.assign(new Error('EIO: read'), { code: 'EIO' });
    };
    const context = { sqlite: await loadSqlite(), disk: { ...systemDisk, read } };
    const path = await fileOf(SOUND);
    expect(() => ForeignDatabase.open(context, path, { tables: TABLES, fault: () => undefined })).toThrow(
      expect.objectContaining({ code: 'store-not-writable' }),
    );
  });

  it('leaves the file as it is', async () => {
    const path = await fileOf(SOUND);
    const before = readFileSync(path);
    const opening = ForeignDatabase.open({ sqlite: await loadSqlite(), disk: systemDisk }, path, {
      tables: TABLES,
      fault: () => undefined,
    });
    if (opening.kind === 'opened') opening.database.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.each([
    ['a table is missing', 'CREATE TABLE other (name)', 'it has no table counts'],
    [
      'a table is a view',
      "CREATE VIEW counts AS SELECT 'a' AS name, 'x' AS kind, 1 AS count",
      'it has no table counts',
    ],
    ['a column is missing', 'CREATE TABLE counts (name, kind)', 'its table counts stores no column count'],
    [
      'a column is computed',
      'CREATE TABLE counts (name, kind, count AS (length(zeroblob(1e9))))',
      'its table counts stores no column count',
    ],
  ])('is not opened when %s', async (_, sql, why) => {
    expect(await open(sql)).toEqual({ kind: 'damaged', why });
  });

  it('is not opened when the caller finds fault with it', async () => {
    expect(await open(SOUND, () => 'it is another one')).toEqual({ kind: 'damaged', why: 'it is another one' });
  });
});
