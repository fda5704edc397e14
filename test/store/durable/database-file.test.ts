import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databasePaths, readDatabase } from '#store/durable/database-file.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { DurableDatabase } from '#store/durable/durable-database.ts';
import { Journal } from '#store/durable/journal.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { StoreProblem } from '#store/store-problem.ts';
import { systemDisk } from '#support/disk.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { keyValueKind, openPairs, pairsOnDisk, put } from '#test/support/key-values.ts';
import { has } from '#test/support/real-parts.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

let context: DatabaseContext;

beforeAll(async () => {
  context = { sqlite: await loadSqlite(), disk: systemDisk };
});

afterEach(healDisk);

/** With a in its snapshot and b in its journal. */
function storedPairs(used = context, stem = join(scratchDirectory(), 'pairs')): string {
  const database = openPairs(used, stem);
  database.transact([put('a', 1)]);
  database.checkpoint();
  database.transact([put('b', 2)]);
  database.close();
  return stem;
}

/** The one that `storedPairs` leaves. */
function journalOf(stem: string): string {
  return `${stem}.2.journal`;
}

function problemOf(stem: string): StoreProblem {
  try {
    pairsOnDisk(context, stem);
  } catch (error) {
    if (error instanceof StoreProblem) return error;
    throw error;
  }
  throw new Error('it could be read');
}

/** What a reader is told besides the content. */
function toldOf(stem: string, used = context): { damage: readonly string[]; lastFrame: number; lastJournal: number } {
  const content = readDatabase(used, databasePaths(stem), keyValueKind);
  if (!content) throw new Error('there is none');
  content.database.close();
  const { damage, lastFrame, lastJournal } = content;
  return { damage, lastFrame, lastJournal };
}

describe('Reading a durable database', () => {
  it('finds nothing where there is nothing', () => {
    expect(pairsOnDisk(context, join(scratchDirectory(), 'pairs'))).toBeUndefined();
    expect(pairsOnDisk(context, join(scratchDirectory(), 'no', 'such', 'folder'))).toBeUndefined();
  });

  it('finds snapshot and journals together, and changes neither', () => {
    const stem = storedPairs();
    const before = [readFileSync(`${stem}.sqlite`), readFileSync(journalOf(stem))];
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1, b: 2 });
    expect(toldOf(stem)).toEqual({ damage: [], lastFrame: 2, lastJournal: 2 });
    expect([readFileSync(`${stem}.sqlite`), readFileSync(journalOf(stem))]).toEqual(before);
  });

  it('leaves out a torn tail', () => {
    const stem = storedPairs();
    truncateSync(journalOf(stem), readFileSync(journalOf(stem)).length - 1);
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1 });
    expect(toldOf(stem)).toEqual({ damage: [], lastFrame: 1, lastJournal: 2 });
  });

  it('needs no snapshot when everything is in the journals', () => {
    const stem = join(scratchDirectory(), 'pairs');
    const database = openPairs(context, stem);
    database.transact([put('a', 1)]);
    database.transact([put('b', 2)]);
    database.close();
    rmSync(`${stem}.sqlite`);
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1, b: 2 });
    expect(toldOf(stem).damage).toEqual([]);
  });

  it('does not count what older journals say and the snapshot has', () => {
    const stem = join(scratchDirectory(), 'pairs');
    const database = openPairs(context, stem);
    database.transact([['add', { key: 'a', value: 1 }]]);
    const old = readFileSync(`${stem}.1.journal`);
    database.checkpoint();
    database.transact([['add', { key: 'b', value: 2 }]]);
    writeFileSync(`${stem}.1.journal`, old);
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1, b: 2 });
    database.checkpoint();
    writeFileSync(`${stem}.1.journal`, old);
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1, b: 2 });
    database.close();
  });

  const meanwhile: readonly { readonly name: string; readonly act: (writer: DurableDatabase) => void }[] = [
    {
      name: 'makes a checkpoint',
      act: (writer) => {
        writer.checkpoint();
      },
    },
    {
      name: 'makes two checkpoints and goes on',
      act: (writer) => {
        writer.checkpoint();
        writer.transact([put('c', 3)]);
        writer.checkpoint();
        writer.transact([put('d', 4)]);
      },
    },
  ];

  it.each(meanwhile)('misses nothing when its writer $name, at whatever moment', ({ act }) => {
    for (let moment = 1; ; moment += 1) {
      const disk = new SimulatedDisk();
      const reader = { ...context, disk };
      const ofWriter = { ...context, disk: disk.forAnotherProcess() };
      const writer = openPairs(ofWriter, storedPairs(ofWriter, '/state/pairs'));
      const from = disk.faults.count();
      const acted: number[] = [];
      disk.faults.policy = (_call, _path, count) => {
        if (count !== from + moment) return undefined;
        disk.faults.heal();
        acted.push(count);
        act(writer);
        return undefined;
      };
      expect(pairsOnDisk(reader, '/state/pairs')).toMatchObject({ a: 1, b: 2 });
      if (acted.length === 0) break;
      expect(toldOf('/state/pairs', reader).damage).toEqual([]);
    }
  });

  it('finds nothing when all files are removed meanwhile', () => {
    const disk = new SimulatedDisk();
    const stem = storedPairs({ ...context, disk }, '/state/pairs');
    disk.faults.policy = (call, path) => {
      if (call !== 'open' || !path.endsWith('.journal')) return undefined;
      disk.faults.heal();
      disk.remove(journalOf(stem));
      disk.remove(`${stem}.sqlite`);
      return undefined;
    };
    // There was a journal: that it is gone means that there is nothing behind the snapshot, which is gone too.
    expect(pairsOnDisk({ ...context, disk }, stem) ?? {}).toEqual({});
  });
});

describe('A damaged database', () => {
  it('is one whose snapshot is missing or older than where its journals begin', () => {
    const stem = storedPairs();
    const older = readFileSync(`${stem}.sqlite`);
    const writer = openPairs(context, stem);
    writer.checkpoint();
    writer.transact([put('c', 3)]);
    writer.close();
    writeFileSync(`${stem}.sqlite`, older);
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1, c: 3 });
    expect(toldOf(stem).damage).toEqual(['transactions 2 to 2 cannot be read']);
    rmSync(`${stem}.sqlite`);
    expect(toldOf(stem).damage).toEqual(['transactions 1 to 2 cannot be read']);
    expect(() => openPairs(context, stem)).toThrow(
      expect.objectContaining({
        code: 'store-damaged',
        message: expect.stringContaining('transactions 1 to 2 cannot be read') as string,
      }),
    );
  });

  it('is one whose journal begins with something else; what it has otherwise can be read', () => {
    const stem = storedPairs();
    writeFileSync(journalOf(stem), 'this was a journal of what has been done '.repeat(10));
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1 });
    expect(toldOf(stem).damage).toHaveLength(1);
    expect(() => openPairs(context, stem)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });

  it('is not one whose journal says what only a later version understands: that is refused', () => {
    const stem = join(scratchDirectory(), 'pairs');
    const kind = { ...keyValueKind, statements: { 'of-a-later-version': keyValueKind.statements['put'] ?? '' } };
    const writer = DurableDatabase.open({ ...context, stem, kind });
    writer.transact([['of-a-later-version', { key: 'x', value: 1 }]]);
    writer.close();
    expect(problemOf(stem)).toMatchObject({
      code: 'store-wrong-schema',
      message: expect.stringContaining('of-a-later-version') as string,
    });
  });

  it('is one whose whole frames say what nobody can read', () => {
    const stem = join(scratchDirectory(), 'pairs');
    openPairs(context, stem).close();
    const journal = new Journal({ disk: systemDisk, stem, lastNumber: 0, lastFrame: 0 });
    journal.append(Buffer.from('no JSON\n'));
    journal.close();
    expect(problemOf(stem)).toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining(`${stem}.N.journal`) as string,
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
          readDatabase(context, databasePaths(stem), keyValueKind)?.database.close();
        } catch (error) {
          expect(error).toBeInstanceOf(StoreProblem);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('A database of something else', () => {
  it.runIf(has('sqlite3'))('is refused when another program made it', () => {
    const stem = join(scratchDirectory(), 'pairs');
    execFileSync('sqlite3', [`${stem}.sqlite`, 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1);']);
    expect(problemOf(stem)).toMatchObject({
      code: 'store-wrong-schema',
      message: expect.stringContaining('another program') as string,
    });
    expect(() => openPairs(context, stem)).toThrow(expect.objectContaining({ code: 'store-wrong-schema' }));
    expect(execFileSync('sqlite3', [`${stem}.sqlite`, 'SELECT text FROM notes'], { encoding: 'utf8' })).toBe('1\n');
  });

  it('is refused when another version of this program made it', () => {
    const stem = join(scratchDirectory(), 'pairs');
    DurableDatabase.open({ ...context, stem, kind: { ...keyValueKind, version: 4 } }).close();
    expect(problemOf(stem)).toMatchObject({
      code: 'store-wrong-schema',
      message: expect.stringContaining('version 4') as string,
    });
  });

  it('is refused when it holds something else', () => {
    const stem = join(scratchDirectory(), 'pairs');
    DurableDatabase.open({
      ...context,
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
    rmSync(journalOf(stem));
    mkdirSync(journalOf(stem));
    expect(problemOf(stem)).toMatchObject({
      code: 'store-not-readable',
      message: expect.stringContaining(`${stem}.N.journal`) as string,
    });
  });
});
