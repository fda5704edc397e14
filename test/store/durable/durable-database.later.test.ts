import { beforeAll, describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { openPairs, pairsIn, pairsOnDisk, put } from '#test/support/key-values.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const STEM = '/state/pairs';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

/** Some of what a loss of power can leave. */
function afterPowerLosses(disk: SimulatedDisk): SimulatedDisk[] {
  return [1, 2, 3, 4, 5].map((seed) => disk.afterPowerLoss(new SeededRandom(seed)));
}

describe('A transaction while the caller goes on', () => {
  it('is safe from loss of power once it has ended', async () => {
    const disk = new SimulatedDisk();
    const database = openPairs({ sqlite, disk }, STEM);
    const ended = database.transactLater([put('a', 1)]);
    expect(pairsIn(database)).toEqual({ a: 1 });
    await ended;
    await database.transactLater([]);
    await database.transactLater([put('b', 2)]);
    for (const left of afterPowerLosses(disk))
      expect(pairsOnDisk({ sqlite, disk: left }, STEM)).toEqual({ a: 1, b: 2 });
    database.checkpoint();
    database.close();
    expect(pairsOnDisk({ sqlite, disk }, STEM)).toEqual({ a: 1, b: 2 });
  });

  it('changes nothing when its changes are refused', async () => {
    const disk = new SimulatedDisk();
    const database = openPairs({ sqlite, disk }, STEM);
    await expect(database.transactLater([put('a', 1), ['no-such-statement', {}]])).rejects.toThrow('no-such-statement');
    expect([pairsIn(database), pairsOnDisk({ sqlite, disk }, STEM)]).toEqual([{}, {}]);
    database.close();
  });

  it.each(['write', 'syncLater'] as const)(
    'that the disk refuses (%s) leaves memory and disk in agreement, and the next one counts',
    async (call) => {
      for (let failing = 1; ; failing += 1) {
        const disk = new SimulatedDisk();
        const context = { sqlite, disk };
        const database = openPairs(context, STEM);
        await database.transactLater([put('a', 1)]);
        disk.faults.failNth(failing, { errno: 'EIO', unsynced: 'lost-but-cached' }, [call]);
        const outcome = await database.transactLater([put('b', 2)]).then(
          () => ({ b: 2 }),
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'store-not-writable' });
            return {};
          },
        );
        const isOver = disk.faults.happened === 0;
        disk.faults.heal();
        expect(pairsIn(database)).toEqual({ a: 1, ...outcome });
        await database.transactLater([put('c', 3)]);
        database.close();
        for (const left of afterPowerLosses(disk))
          expect(pairsOnDisk({ sqlite, disk: left }, STEM)).toEqual({ a: 1, ...outcome, c: 3 });
        if (isOver) break;
      }
    },
  );
});
