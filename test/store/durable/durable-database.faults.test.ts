import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DurableDatabase } from '#store/durable/durable-database.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { countDiskCalls, failDisk, healDisk, shortenWrites } from '#test/support/failing-disk.ts';
import type { Fault } from '#test/support/failing-disk.ts';
import { openPairs, pairsIn, pairsOnDisk, put } from '#test/support/key-values.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

afterEach(healDisk);

function openNew(): { stem: string; database: DurableDatabase } {
  const stem = join(scratchDirectory(), 'pairs');
  const database = openPairs(sqlite, stem);
  database.transact([put('a', 1)]);
  return { stem, database };
}

function agreeOn(database: DurableDatabase, stem: string, pairs: Record<string, number>): void {
  expect(pairsIn(database)).toEqual(pairs);
  expect(pairsOnDisk(sqlite, stem)).toEqual(pairs);
}

describe('A transaction that the disk refuses', () => {
  const refusals: readonly (Fault & { readonly name: string; readonly code: string })[] = [
    { name: 'no room at all', call: 'writeSync', errno: 'ENOSPC', code: 'disk-full' },
    { name: 'room for a part of it', call: 'writeSync', errno: 'ENOSPC', takesBytes: 11, code: 'disk-full' },
    { name: 'a quota', call: 'writeSync', errno: 'EDQUOT', code: 'disk-full' },
    { name: 'an input/output error', call: 'writeSync', errno: 'EIO', takesBytes: 3, code: 'store-not-writable' },
  ];

  it.each(refusals)('changes nothing, and can be made later: $name', ({ code, ...fault }) => {
    const { stem, database } = openNew();
    failDisk(fault);
    const transact = (): void => {
      database.transact([put('b', 2)]);
    };
    expect(transact).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`${stem}.journal`) as string }),
    );
    expect(transact).toThrow(expect.objectContaining({ code }));
    agreeOn(database, stem, { a: 1 });
    healDisk();
    transact();
    agreeOn(database, stem, { a: 1, b: 2 });
    database.close();
  });

  it('hides nothing that is written later, also when its first part could not be cut off at once', () => {
    const { stem, database } = openNew();
    failDisk({ call: 'writeSync', errno: 'ENOSPC', takesBytes: 11 });
    failDisk({ call: 'ftruncateSync', errno: 'EIO' });
    expect(() => {
      database.transact([put('b', 2)]);
    }).toThrow(expect.objectContaining({ code: 'disk-full' }));
    healDisk();
    database.transact([put('c', 3)]);
    agreeOn(database, stem, { a: 1, c: 3 });
    database.close();
  });

  it('is taken back when it was to be safe at once and could not be synced', () => {
    const { stem, database } = openNew();
    failDisk({ call: 'fsyncSync', errno: 'EIO' });
    expect(() => {
      database.transact([put('b', 2)]);
    }).toThrow(expect.objectContaining({ code: 'store-not-writable' }));
    agreeOn(database, stem, { a: 1 });
    healDisk();
    database.transact([put('c', 3)]);
    agreeOn(database, stem, { a: 1, c: 3 });
    database.close();
  });

  it('is whole when the disk takes it in small pieces', () => {
    const { stem, database } = openNew();
    shortenWrites(3);
    database.transact([put('b', 2)]);
    database.checkpoint();
    agreeOn(database, stem, { a: 1, b: 2 });
    database.close();
  });
});

describe('A sync that fails', () => {
  it('is made up for by a new journal, since the kernel forgets what it could not write', () => {
    const { stem, database } = openNew();
    failDisk({ call: 'fsyncSync', errno: 'EIO', path: '.journal', times: 1 });
    const transact = (): void => {
      database.transact([put('b', 2)]);
    };
    expect(transact).toThrow(expect.objectContaining({ code: 'store-not-writable' }));
    const newJournals = countDiskCalls('openSync', '.journal.tmp');
    transact();
    expect(newJournals()).toBe(1);
    agreeOn(database, stem, { a: 1, b: 2 });
    database.close();
  });
});

describe('A checkpoint that the disk refuses', () => {
  const refusals: readonly (Fault & { readonly name: string })[] = [
    { name: 'making the snapshot', call: 'openSync', errno: 'ENOSPC', path: '.pairs.sqlite.tmp' },
    { name: 'writing the snapshot', call: 'writeSync', errno: 'ENOSPC', path: '.pairs.sqlite.tmp', takesBytes: 4096 },
    { name: 'syncing the snapshot', call: 'fsyncSync', errno: 'EIO', path: '.pairs.sqlite.tmp' },
    { name: 'renaming the snapshot', call: 'renameSync', errno: 'EIO', path: 'pairs.sqlite' },
    { name: 'syncing the directory', call: 'fsyncSync', errno: 'EIO', path: '' },
    { name: 'making the new journal', call: 'openSync', errno: 'ENOSPC', path: '.pairs.journal.tmp' },
    { name: 'writing the new journal', call: 'writeSync', errno: 'ENOSPC', path: '.pairs.journal.tmp', takesBytes: 5 },
    { name: 'renaming the new journal', call: 'renameSync', errno: 'EIO', path: 'pairs.journal' },
    { name: 'opening the new journal', call: 'openSync', errno: 'EMFILE', path: 'pairs.journal', times: 1 },
  ];

  it.each(refusals)('loses nothing, and goes on when it can: $name', (fault) => {
    const { stem, database } = openNew();
    failDisk(fault);
    expect(() => {
      database.checkpoint();
    }).toThrow(expect.objectContaining({ name: 'Problem' }));
    agreeOn(database, stem, { a: 1 });
    healDisk();
    database.transact([put('b', 2)]);
    agreeOn(database, stem, { a: 1, b: 2 });
    database.checkpoint();
    database.transact([put('c', 3)]);
    agreeOn(database, stem, { a: 1, b: 2, c: 3 });
    database.close();
  });

  it('loses nothing of what follows when only its directory could not be synced', () => {
    const { stem, database } = openNew();
    const directory = join(stem, '..');
    failDisk({ call: 'fsyncSync', errno: 'EIO', path: directory, times: 1 });
    expect(() => {
      database.checkpoint();
    }).toThrow(expect.objectContaining({ code: 'store-not-writable' }));
    database.transact([put('b', 2)]);
    agreeOn(database, stem, { a: 1, b: 2 });
    database.close();
  });

  it('can be finished later when the journal could not be removed', () => {
    const { stem, database } = openNew();
    failDisk({ call: 'rmSync', errno: 'EIO', path: '.journal', times: 1 });
    expect(() => {
      database.finish();
    }).toThrow(expect.objectContaining({ code: 'store-not-writable' }));
    agreeOn(database, stem, { a: 1 });
    database.finish();
    expect(pairsOnDisk(sqlite, stem)).toEqual({ a: 1 });
  });
});

describe('A durable database that could not be made or opened for want of room', () => {
  const refusals: readonly (Fault & { readonly name: string; readonly names: string })[] = [
    { name: 'the directory', call: 'mkdirSync', errno: 'ENOSPC', names: '.lock' },
    { name: 'the lock', call: 'openSync', errno: 'ENOSPC', path: '.lock', names: '.lock' },
    { name: 'what stands in the lock', call: 'writeSync', errno: 'ENOSPC', path: '.lock', names: '.lock' },
    { name: 'the snapshot', call: 'writeSync', errno: 'ENOSPC', path: '.sqlite.tmp', names: '.sqlite' },
    { name: 'the journal', call: 'writeSync', errno: 'ENOSPC', path: '.journal.tmp', names: '.journal' },
  ];

  it.each(refusals)('can be opened by the same process once there is some: $name', ({ names, ...fault }) => {
    const stem = join(scratchDirectory(), 'pairs');
    failDisk(fault);
    const problem = expect.objectContaining({
      code: 'disk-full',
      message: expect.stringContaining(`${stem}${names} cannot be written`) as string,
    }) as Error;
    expect(() => openPairs(sqlite, stem)).toThrow(problem);
    expect(() => openPairs(sqlite, stem)).toThrow(problem);
    healDisk();
    const database = openPairs(sqlite, stem);
    database.transact([put('a', 1)]);
    agreeOn(database, stem, { a: 1 });
    database.close();
  });

  it('gives back the memory of each attempt', () => {
    const { counting, openDatabases } = countingSqlite();
    const { stem, database } = openNew();
    database.close();
    const damaged: readonly (readonly [extension: string, content: string])[] = [
      ['journal', 'no journal at all'],
      ['sqlite', 'no database at all'],
    ];
    for (const [extension, content] of damaged) {
      writeFileSync(`${stem}.${extension}`, content);
      expect(() => openPairs(counting, stem)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
      expect(openDatabases()).toBe(0);
    }
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: '.tmp' });
    expect(() => openPairs(counting, `${stem}-new`)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(openDatabases()).toBe(0);
  });

  function countingSqlite(): { counting: Sqlite; openDatabases: () => number } {
    let open = 0;
    class CountingDatabase extends sqlite.Database {
      constructor(content?: Uint8Array) {
        super(content);
        open += 1;
      }

      override close(): void {
        open -= 1;
        super.close();
      }
    }
    return { counting: { ...sqlite, Database: CountingDatabase }, openDatabases: () => open };
  }
});
