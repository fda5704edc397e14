import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyChanges, formatChanges, parseChanges } from '#store/durable/changes.ts';
import type { Change } from '#store/durable/changes.ts';
import { loadSqlite, SqliteDatabase } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { keyValueKind, put } from '#test/support/key-values.ts';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

const parameter = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.string(), fc.dictionary(fc.string(), parameter, { noNullPrototype: true })),
  fc.tuple(fc.string(), fc.array(fc.string(), { minLength: 1 }), fc.array(parameter)),
);

function applied(...changes: readonly Change[]): Record<string, unknown>[] {
  const database = new SqliteDatabase(sqlite);
  try {
    database.execute(keyValueKind.tables);
    applyChanges(database, keyValueKind, changes);
    return database.all('SELECT * FROM pairs ORDER BY key');
  } finally {
    database.close();
  }
}

describe('Changes', () => {
  it('read back as what was written', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
        expect([...parseChanges(formatChanges(changes))]).toEqual(changes);
      }),
    );
  });

  it('make what their statements say, one by one or for many rows at once', () => {
    const rows: Change = ['add', ['key', 'value'], ['b', 2, 'c', 3]];
    expect(applied(put('a', 1), rows, ['remove', { key: 'b' }])).toEqual([
      { key: 'a', value: 1 },
      { key: 'c', value: 3 },
    ]);
  });

  it.each(['of-a-later-version', 'constructor', '__proto__'])(
    'are of another version when nobody knows their statement, such as %s',
    (name) => {
      expect(() => applied([name, { key: 'a' }])).toThrow(
        expect.objectContaining({
          code: 'store-wrong-schema',
          message: expect.stringContaining(name) as string,
        }),
      );
    },
  );
});
