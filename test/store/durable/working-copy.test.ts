import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databasePaths } from '#store/durable/database-file.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { WorkingCopy } from '#store/durable/working-copy.ts';
import { keyValueKind, pairsOnDisk, put } from '#test/support/key-values.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const PATHS = databasePaths('/state/pairs');

let sqlite: Sqlite;
let disk: SimulatedDisk;
let context: DatabaseContext;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

beforeEach(() => {
  newDisk();
});

function newDisk(): void {
  disk = new SimulatedDisk();
  context = { sqlite, disk };
  disk.makeDirectory('/state');
  const fd = disk.open('/', 'read');
  disk.sync(fd);
  disk.close(fd);
}

function make(from: 'snapshot' | 'nothing'): WorkingCopy {
  return WorkingCopy.make(context, PATHS, keyValueKind, from);
}

function published(value: number): void {
  const copy = make('nothing');
  copy.apply([put('a', value)]);
  copy.publish(5);
}

function pairs(from = disk): Record<string, number> | undefined {
  return pairsOnDisk({ sqlite, disk: from }, PATHS.stem);
}

describe('A working copy', () => {
  it('is known to nobody until it takes the name of the snapshot', () => {
    published(1);
    const copy = make('snapshot');
    expect(copy).toMatchObject({ isNew: false, lastFrame: 5 });
    copy.apply([put('a', 2), put('b', 3)]);
    expect(pairs()).toEqual({ a: 1 });
    copy.publish(9);
    expect(pairs()).toEqual({ a: 2, b: 3 });
    expect(disk.list('/state')).toEqual(['pairs.sqlite']);
    const next = make('snapshot');
    expect(next.lastFrame).toBe(9);
    next.discard();
  });

  it('begins empty where there is nothing, or nothing is to be kept', () => {
    const copy = make('nothing');
    expect(copy).toMatchObject({ isNew: true, lastFrame: 0 });
    copy.discard();
    published(1);
    const again = make('nothing');
    again.publish(1);
    expect(pairs()).toEqual({});
  });

  it('leaves nothing when it is discarded', () => {
    published(1);
    const copy = make('snapshot');
    copy.apply([put('a', 2)]);
    copy.discard();
    expect(disk.list('/state')).toEqual(['pairs.sqlite']);
    expect(pairs()).toEqual({ a: 1 });
  });

  it('takes the place of one that a killed process left', () => {
    published(1);
    make('snapshot').apply([put('a', 9)]);
    disk = disk.kill();
    context = { sqlite, disk };
    const copy = make('snapshot');
    copy.publish(6);
    expect(pairs()).toEqual({ a: 1 });
    expect(disk.list('/state')).toEqual(['pairs.sqlite']);
  });

  it('does not give the name to a file that somebody has put in its place', () => {
    published(1);
    const copy = make('snapshot');
    copy.apply([put('a', 2)]);
    disk.rename('/state', '/old');
    disk.makeDirectory('/state');
    disk.copy('/old/pairs.sqlite', '/state/pairs.sqlite');
    disk.copy('/old/.pairs.sqlite.tmp', '/state/.pairs.sqlite.tmp');
    expect(() => {
      copy.publish(6);
    }).toThrow('replaced by somebody else');
    expect(pairs()).toEqual({ a: 1 });
  });

  it('is there as a whole after a loss of power once it is published', () => {
    published(1);
    for (let seed = 0; seed < 20; seed += 1)
      expect(pairs(disk.afterPowerLoss(new SeededRandom(seed)))).toEqual({ a: 1 });
  });

  it.each(['EIO', 'ENOSPC'])('leaves the old snapshot or the new one, whichever call fails with %s', (errno) => {
    for (let failing = 1; ; failing += 1) {
      newDisk();
      published(1);
      const { happened } = disk.faults;
      disk.faults.failNth(failing, { errno });
      const error = errorOf(() => {
        const copy = make('snapshot');
        try {
          copy.apply([put('a', 2)]);
        } catch (failure) {
          copy.discard();
          throw failure;
        }
        copy.publish(6);
      });
      disk.faults.heal();
      if (disk.faults.happened === happened) break;
      if (error !== undefined) expect(error).toMatchObject({ name: 'Problem' });
      expect(pairs()).toEqual({ a: error === undefined || pairs()?.['a'] === 2 ? 2 : 1 });
      published(3);
      expect(pairs()).toEqual({ a: 3 });
      expect(disk.list('/state')).toEqual(['pairs.sqlite']);
    }
  });
});

function errorOf(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
