import { beforeEach, describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { settleDatabase } from '#store/settle-database.ts';
import { keyValueKind, openPairs, pairsOnDisk, put } from '#test/support/key-values.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const STEM = '/state/copy/pairs';
const sqlite = await loadSqlite();

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk();
});

function writePairs(): void {
  const database = openPairs({ sqlite, disk }, STEM);
  database.transact([put('a', 1)]);
  database.checkpoint();
  database.transact([put('b', 2)]);
  database.close();
}

function settle(): void {
  settleDatabase({ sqlite, disk }, STEM, keyValueKind);
}

describe('A database that is settled', () => {
  it('is one file that holds everything', () => {
    writePairs();
    settle();
    expect([disk.list('/state/copy'), pairsOnDisk({ sqlite, disk }, STEM)]).toEqual([['pairs.sqlite'], { a: 1, b: 2 }]);
    settle();
    expect(pairsOnDisk({ sqlite, disk }, STEM)).toEqual({ a: 1, b: 2 });
  });

  it('can be written to again', () => {
    writePairs();
    settle();
    const database = openPairs({ sqlite, disk }, STEM);
    database.transact([put('c', 3)]);
    database.close();
    expect(pairsOnDisk({ sqlite, disk }, STEM)).toEqual({ a: 1, b: 2, c: 3 });
  });

  it('is not made where there is none', () => {
    disk.makeDirectory('/state');
    disk.makeDirectory('/state/copy');
    settle();
    expect(disk.list('/state/copy')).toEqual([]);
  });

  it('has everything, whichever call fails, and is settled by the next try', () => {
    for (let failing = 1; ; failing += 1) {
      disk = new SimulatedDisk();
      writePairs();
      const before = disk.faults.happened;
      disk.faults.failNth(failing, { errno: 'EIO' });
      const outcome = codeOf(settle);
      if (disk.faults.happened === before) break;
      disk.faults.heal();
      expect(outcome).toMatch(/^(nothing|store-not-readable|store-not-writable)$/);
      expect(pairsOnDisk({ sqlite, disk }, STEM)).toEqual({ a: 1, b: 2 });
      settle();
      expect([disk.list('/state/copy'), pairsOnDisk({ sqlite, disk }, STEM)]).toEqual([
        ['pairs.sqlite'],
        { a: 1, b: 2 },
      ]);
    }
  });
});

function codeOf(act: () => void): string {
  try {
    act();
    return 'nothing';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
