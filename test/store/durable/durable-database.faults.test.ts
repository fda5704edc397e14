import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemDisk } from '#support/disk.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import type { DurableDatabase } from '#store/durable/durable-database.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { openPairs, pairsIn, pairsOnDisk, put } from '#test/support/key-values.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { DiskCall, DiskFault } from '#test/support/simulated-disk/disk-faults.ts';

const STEM = '/state/nested/pairs';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

/** A database in the hands of a caller who tries again what failed. */
class Persistent {
  readonly disk: SimulatedDisk;
  readonly context: DatabaseContext;
  /** What was told as done. */
  readonly done: Record<string, number> = {};
  failures = 0;
  #database: DurableDatabase | undefined;

  constructor(disk: SimulatedDisk) {
    this.disk = disk;
    this.context = { sqlite, disk };
  }

  add(key: string): void {
    this.#trying((database) => {
      database.transact([['add', { key, value: 1 }]]);
    });
    this.done[key] = 1;
    this.check();
  }

  checkpoint(): void {
    this.#trying((database) => {
      database.checkpoint();
    });
    this.check();
  }

  close(): void {
    this.#trying((database) => {
      this.#database = undefined;
      database.close();
    });
  }

  /** Memory and disk agree; what fails is not to fail here. */
  check(): void {
    const { policy } = this.disk.faults;
    this.disk.faults.policy = undefined;
    this.#compare();
    this.disk.faults.policy = policy;
  }

  #compare(): void {
    expect(pairsOnDisk({ sqlite, disk: this.disk.forAnotherProcess() }, STEM)).toEqual(this.done);
    if (this.#database) expect(pairsIn(this.#database)).toEqual(this.done);
  }

  #trying(act: (database: DurableDatabase) => void): void {
    for (;;) {
      try {
        act((this.#database ??= openPairs(this.context, STEM)));
        return;
      } catch (error) {
        expect(error).toMatchObject({ name: expect.stringMatching(/Problem|Error/) as string });
        this.failures += 1;
        if (this.failures > 3) throw error;
      }
    }
  }
}

function lifeOn(disk: SimulatedDisk): Persistent {
  const pairs = new Persistent(disk);
  pairs.add('a');
  pairs.add('b');
  pairs.checkpoint();
  pairs.add('c');
  pairs.close();
  pairs.add('d');
  pairs.checkpoint();
  pairs.checkpoint();
  pairs.add('e');
  pairs.close();
  return pairs;
}

const FAULTS: readonly { readonly fault: DiskFault; readonly errno: string; readonly calls: readonly DiskCall[] }[] = [
  {
    errno: 'EIO',
    fault: { errno: 'EIO', unsynced: 'lost-but-cached' },
    calls: ['open', 'read', 'write', 'sync', 'rename', 'remove', 'list', 'makeDirectory'],
  },
  { errno: 'ENOSPC', fault: { errno: 'ENOSPC', takesBytes: 11 }, calls: ['write', 'sync', 'rename', 'makeDirectory'] },
  { errno: 'EMFILE', fault: { errno: 'EMFILE' }, calls: ['open', 'list'] },
];

describe('A durable database of which any one call to the disk fails', () => {
  it.each(FAULTS)('has everything that was told as done, once, and nothing else ($errno)', ({ fault, calls }) => {
    for (let failing = 1; ; failing += 1) {
      const disk = new SimulatedDisk();
      disk.faults.failNth(failing, fault, calls);
      const pairs = lifeOn(disk);
      pairs.check();
      if (disk.faults.happened === 0) break;
      openPairs({ sqlite, disk: disk.kill() }, STEM).close();
    }
  });
});

describe('A durable database on a disk that is full', () => {
  it('says so, and takes what comes once there is room', () => {
    const disk = new SimulatedDisk();
    const context = { sqlite, disk };
    const database = openPairs(context, STEM);
    database.transact([put('a', 1)]);
    disk.capacityBytes = disk.usedBytes + 20;
    for (let tries = 0; tries < 3; tries += 1)
      expect(() => {
        database.transact([put('b', 2)]);
      }).toThrow(
        expect.objectContaining({ code: 'disk-full', message: expect.stringContaining(`${STEM}.N.journal`) as string }),
      );
    expect(() => {
      database.checkpoint();
    }).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect([pairsIn(database), pairsOnDisk(context, STEM)]).toEqual([{ a: 1 }, { a: 1 }]);
    disk.capacityBytes = Infinity;
    database.transact([put('b', 2)]);
    database.checkpoint();
    database.close();
    expect(pairsOnDisk(context, STEM)).toEqual({ a: 1, b: 2 });
  });

  it('can be made by the same process once there is room', () => {
    const disk = new SimulatedDisk({ capacityBytes: 2_000 });
    const context = { sqlite, disk };
    for (let tries = 0; tries < 2; tries += 1)
      expect(() => openPairs(context, STEM)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    disk.capacityBytes = Infinity;
    openPairs(context, STEM).close();
    expect(pairsOnDisk(context, STEM)).toEqual({});
  });

  it('is whole when the disk takes it in small pieces', () => {
    const disk = new SimulatedDisk();
    const context = { sqlite, disk };
    disk.faults.policy = (call) => (call === 'write' ? { takesBytes: 100 } : undefined);
    const database = openPairs(context, STEM);
    database.transact([put('a', 1), put('b', 2)]);
    database.checkpoint();
    database.close();
    disk.faults.heal();
    expect(pairsOnDisk(context, STEM)).toEqual({ a: 1, b: 2 });
  });
});

describe('A durable database that cannot be opened', () => {
  it('gives back the memory of each attempt', () => {
    const { counting, openDatabases } = countingSqlite();
    const stem = join(scratchDirectory(), 'pairs');
    openPairs({ sqlite, disk: systemDisk }, stem).close();
    const damaged: readonly (readonly [extension: string, content: string])[] = [
      ['1.journal', 'no journal at all'.repeat(10)],
      ['sqlite', 'no database at all'],
    ];
    for (const [extension, content] of damaged) {
      writeFileSync(`${stem}.${extension}`, content);
      expect(() => openPairs({ sqlite: counting, disk: systemDisk }, stem)).toThrow(
        expect.objectContaining({ code: 'store-damaged' }),
      );
      expect(openDatabases()).toBe(0);
    }
    const full = new SimulatedDisk({ capacityBytes: 100 });
    expect(() => openPairs({ sqlite: counting, disk: full }, STEM)).toThrow(
      expect.objectContaining({ code: 'disk-full' }),
    );
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
