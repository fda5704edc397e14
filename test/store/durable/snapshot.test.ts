import { beforeAll, describe, expect, it } from 'vitest';
import { LayeredBytes } from '#store/durable/file-bytes.ts';
import type { FileKind } from '#store/durable/file-kind.ts';
import { checked, checkStructure, lastFrameOf, newDatabase, setLastFrame } from '#store/durable/snapshot.ts';
import { loadSqlite, SqliteDatabase } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { keyValueKind } from '#test/support/key-values.ts';

const PATH = '/state/pairs.sqlite';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

/** A snapshot that `kind` made, with one pair in it, opened as one of `as`. */
function reopened(kind: FileKind, as: FileKind, change?: (database: SqliteDatabase) => void): SqliteDatabase {
  const bytes = LayeredBytes.inMemory(PATH, newDatabase(sqlite, kind));
  const made = new SqliteDatabase(sqlite, bytes);
  made.run("INSERT INTO pairs (key, value) VALUES ('a', 1)", {});
  change?.(made);
  const content = Buffer.concat([...bytes.content()].map((piece) => Buffer.from(piece)));
  made.close();
  return checked(PATH, () => new SqliteDatabase(sqlite, LayeredBytes.inMemory(PATH, content)), as);
}

/** With a column that version 3 did not have, and a table that version 4 did not have. */
const fifthVersion: FileKind = {
  ...keyValueKind,
  version: 5,
  tables: `CREATE TABLE pairs (key TEXT PRIMARY KEY, value INTEGER NOT NULL, unit TEXT NOT NULL DEFAULT 'one');
    CREATE TABLE notes (text TEXT NOT NULL);`,
  upgrades: {
    3: "ALTER TABLE pairs ADD COLUMN unit TEXT NOT NULL DEFAULT 'one'",
    4: 'CREATE TABLE notes (text TEXT NOT NULL)',
  },
};

describe('A snapshot', () => {
  it('says how far it goes', () => {
    const database = reopened(keyValueKind, keyValueKind);
    expect(lastFrameOf(database, PATH)).toBe(0);
    setLastFrame(database, 70_000);
    expect(lastFrameOf(database, PATH)).toBe(70_000);
    checkStructure(database, PATH);
    database.close();
  });

  it('is damaged when it does not say how far it goes', () => {
    const database = reopened(keyValueKind, keyValueKind);
    database.execute('DELETE FROM durable');
    expect(() => lastFrameOf(database, PATH)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
    database.close();
  });

  it('is damaged when it has no idea what it is', () => {
    const forget = (database: SqliteDatabase): void => {
      database.execute('DROP TABLE durable');
    };
    expect(() => reopened(keyValueKind, keyValueKind, forget)).toThrow(
      expect.objectContaining({ code: 'store-damaged' }),
    );
  });
});

describe('A snapshot of an older version', () => {
  it('is brought up to this one, step by step, with what is in it', () => {
    const database = reopened(keyValueKind, fifthVersion);
    expect(database.all('SELECT * FROM pairs')).toEqual([{ key: 'a', value: 1, unit: 'one' }]);
    expect(database.all('SELECT count(*) AS count FROM notes')).toEqual([{ count: 0 }]);
    expect(database.all('PRAGMA user_version')).toEqual([{ user_version: 5 }]);
    database.close();
  });

  it('is refused when there is no way from it', () => {
    const noWay = { ...fifthVersion, upgrades: { 4: '' } };
    expect(() => reopened(keyValueKind, noWay)).toThrow(
      expect.objectContaining({
        code: 'store-wrong-schema',
        message: expect.stringContaining('(version 3), this version of tlsrpt reads') as string,
      }),
    );
  });
});

describe('A snapshot of something else', () => {
  it.each<[what: string, as: FileKind]>([
    ['a newer version', { ...keyValueKind, version: 2, upgrades: { 2: '' } }],
    ['another kind', { ...keyValueKind, name: 'other things' }],
  ])('is refused when it is of %s', (_, as) => {
    expect(() => reopened(keyValueKind, as)).toThrow(
      expect.objectContaining({ code: 'store-wrong-schema', message: expect.stringContaining(PATH) as string }),
    );
  });

  it('is refused when another program made it', () => {
    const foreign = (database: SqliteDatabase): void => {
      database.execute('PRAGMA application_id = 7');
    };
    expect(() => reopened(keyValueKind, keyValueKind, foreign)).toThrow(
      expect.objectContaining({
        code: 'store-wrong-schema',
        message: expect.stringContaining('another program') as string,
      }),
    );
  });
});
