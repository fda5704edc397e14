import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databasePaths, readDatabase } from '#store/durable/database-file.ts';
import { DurableDatabase } from '#store/durable/durable-database.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { StoreProblem } from '#store/store-problem.ts';
import { beforeDiskCall, failDisk, healDisk } from '#test/support/failing-disk.ts';
import { keyValueKind, openPairs, pairsOnDisk, put } from '#test/support/key-values.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

afterEach(healDisk);

/** With a in its snapshot and b in its journal. */
function storedPairs(): string {
  const stem = join(scratchDirectory(), 'pairs');
  const database = openPairs(sqlite, stem);
  database.transact([put('a', 1)]);
  database.checkpoint();
  database.transact([put('b', 2)]);
  database.close();
  return stem;
}

function problemOf(stem: string): StoreProblem {
  try {
    pairsOnDisk(sqlite, stem);
  } catch (error) {
    if (error instanceof StoreProblem) return error;
    throw error;
  }
  throw new Error('it could be read');
}

describe('Reading a durable database', () => {
  it('finds nothing where there is nothing', () => {
    expect(pairsOnDisk(sqlite, join(scratchDirectory(), 'pairs'))).toBeUndefined();
    expect(pairsOnDisk(sqlite, join(scratchDirectory(), 'no', 'such', 'folder'))).toBeUndefined();
  });

  it('finds snapshot and journal together, and changes neither', () => {
    const stem = storedPairs();
    const before = [readFileSync(`${stem}.sqlite`), readFileSync(`${stem}.journal`)];
    expect(pairsOnDisk(sqlite, stem)).toEqual({ a: 1, b: 2 });
    expect([readFileSync(`${stem}.sqlite`), readFileSync(`${stem}.journal`)]).toEqual(before);
  });

  it('leaves out a torn tail', () => {
    const stem = storedPairs();
    truncateSync(`${stem}.journal`, readFileSync(`${stem}.journal`).length - 1);
    expect(pairsOnDisk(sqlite, stem)).toEqual({ a: 1 });
  });

  const meanwhile: readonly { readonly name: string; readonly act: (writer: DurableDatabase) => void }[] = [
    {
      name: 'makes a checkpoint',
      act: (writer) => {
        writer.checkpoint();
      },
    },
    {
      name: 'closes it for good',
      act: (writer) => {
        writer.finish();
      },
    },
    {
      name: 'makes two checkpoints and goes on',
      act: (writer) => {
        writer.checkpoint();
        writer.transact([put('c', 3)]);
        writer.checkpoint();
      },
    },
  ];

  it.each(meanwhile)('misses nothing when its writer $name between the two files', ({ act }) => {
    for (const readFirst of ['.journal', '.sqlite']) {
      const stem = storedPairs();
      const writer = openPairs(sqlite, stem);
      beforeDiskCall('openSync', readFirst, () => {
        act(writer);
      });
      expect(pairsOnDisk(sqlite, stem)).toMatchObject({ a: 1, b: 2 });
      healDisk();
    }
  });

  it('finds nothing when both files are removed meanwhile', () => {
    const stem = storedPairs();
    beforeDiskCall('openSync', '.sqlite', () => {
      rmSync(`${stem}.journal`);
      rmSync(`${stem}.sqlite`);
    });
    expect(pairsOnDisk(sqlite, stem)).toBeUndefined();
  });
});

describe('A damaged database', () => {
  it('is one whose journal has no snapshot', () => {
    const stem = storedPairs();
    rmSync(`${stem}.sqlite`);
    expect(problemOf(stem)).toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining(`${stem}.journal`) as string,
    });
    expect(() => openPairs(sqlite, stem)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });

  it('is one whose journal is newer than its snapshot', () => {
    const stem = storedPairs();
    const older = readFileSync(`${stem}.sqlite`);
    const writer = openPairs(sqlite, stem);
    writer.checkpoint();
    writer.close();
    writeFileSync(`${stem}.sqlite`, older);
    expect(problemOf(stem)).toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining('newer') as string,
    });
  });

  it('is one whose journal begins with something else', () => {
    const stem = storedPairs();
    writeFileSync(`${stem}.journal`, '');
    expect(problemOf(stem).code).toBe('store-damaged');
  });

  it('is one whose journal does not fit its snapshot', () => {
    const stem = storedPairs();
    const other = join(stem, '..', 'other');
    const writer = DurableDatabase.open({
      sqlite,
      stem: other,
      kind: { ...keyValueKind, statements: { 'of-a-later-version': keyValueKind.statements['put'] ?? '' } },
    });
    writer.checkpoint();
    writer.transact([['of-a-later-version', { key: 'x', value: 1 }]]);
    writer.close();
    writeFileSync(`${stem}.journal`, readFileSync(`${other}.journal`));
    expect(problemOf(stem)).toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining('of-a-later-version') as string,
    });
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('this is no database '.repeat(100))],
    ['zeros', Buffer.alloc(8192)],
  ])('is one whose snapshot is %s', (_what, bytes) => {
    const stem = storedPairs();
    writeFileSync(`${stem}.sqlite`, bytes);
    expect(problemOf(stem)).toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining(`${stem}.sqlite`) as string,
    });
  });

  it('is one whose snapshot is cut short', () => {
    const stem = storedPairs();
    truncateSync(`${stem}.sqlite`, readFileSync(`${stem}.sqlite`).length - 4096);
    expect(problemOf(stem).code).toBe('store-damaged');
  });

  it('never ends in anything but content or a problem, whatever byte of the snapshot is another', () => {
    const stem = storedPairs();
    const bytes = readFileSync(`${stem}.sqlite`);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ difference, at);
        writeFileSync(`${stem}.sqlite`, flipped);
        try {
          readDatabase(sqlite, databasePaths(stem), keyValueKind)?.database.close();
        } catch (error) {
          expect(error).toBeInstanceOf(StoreProblem);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('A database of something else', () => {
  it('is refused when another program made it', () => {
    const stem = join(scratchDirectory(), 'pairs');
    execFileSync('sqlite3', [`${stem}.sqlite`, 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1);']);
    expect(problemOf(stem)).toMatchObject({
      code: 'store-wrong-schema',
      message: expect.stringContaining('another program') as string,
    });
    expect(() => openPairs(sqlite, stem)).toThrow(expect.objectContaining({ code: 'store-wrong-schema' }));
    expect(execFileSync('sqlite3', [`${stem}.sqlite`, 'SELECT text FROM notes'], { encoding: 'utf8' })).toBe('1\n');
  });

  it('is refused when another version of this program made it', () => {
    const stem = join(scratchDirectory(), 'pairs');
    DurableDatabase.open({ sqlite, stem, kind: { ...keyValueKind, version: 4 } }).close();
    expect(problemOf(stem)).toMatchObject({
      code: 'store-wrong-schema',
      message: expect.stringContaining('version 4') as string,
    });
  });

  it('is refused when it holds something else', () => {
    const stem = join(scratchDirectory(), 'pairs');
    DurableDatabase.open({
      sqlite,
      stem,
      kind: { ...keyValueKind, name: 'other things' },
    }).close();
    expect(problemOf(stem)).toMatchObject({
      code: 'store-wrong-schema',
      message: expect.stringContaining('other things') as string,
    });
  });
});

describe('A database that cannot be read', () => {
  it('is named with what the system says', () => {
    const stem = storedPairs();
    failDisk({ call: 'openSync', errno: 'EACCES', path: '.sqlite' });
    expect(problemOf(stem)).toMatchObject({
      code: 'store-not-readable',
      message: expect.stringContaining('EACCES') as string,
    });
    healDisk();
    rmSync(`${stem}.journal`);
    mkdirSync(`${stem}.journal`);
    expect(problemOf(stem)).toMatchObject({
      code: 'store-not-readable',
      message: expect.stringContaining(`${stem}.journal`) as string,
    });
  });
});
