import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { dayLimits, OpenDay } from '#pipeline/collect/open-day.ts';
import type { AnnouncedJournal } from '#store/tally/frame-tail.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const receiver = new FakeReceiver();

let collected: Collected;
let day: OpenDay;
let announced: AnnouncedJournal[];
let refused: string[];
let recovered: number;

beforeEach(async () => {
  collected = await Collected.make();
  [announced, refused, recovered] = [[], [], 0];
  day = new OpenDay({
    day: DAY,
    batch: collected.store.newBatch(),
    steadyMs: () => collected.clock.steadyMs(),
    open: () => collected.store.openJournal(DAY, (journal) => announced.push(journal)),
    refused: ({ code }) => refused.push(code),
    recovered: () => (recovered += 1),
  });
});

const text = (index: number): Buffer => makeDatagram({ domain: `d${String(index)}.example` });

/** Datagrams that were not seen before, unless `first` says so. */
function count(times: number, first = 0): void {
  for (let number = first; number < first + times; number += 1) day.count(number, 0, text(number), receiver);
}

/** A turn of the collector, and what the disk does meanwhile. */
async function turn(afterMs = 0): Promise<void> {
  collected.clock.advance(afterMs);
  day.write();
  await settle();
}

/** The day's file is there, says which day it is, and is synced. */
async function begin(): Promise<void> {
  for (let step = 0; step < 5; step += 1) await turn(1_000);
  expect(day.isSafe).toBe(true);
  announced = [];
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

const stored = (): number | undefined => collected.datagramsOn(DAY);
const syncs = (): number => collected.disk.faults.count('syncLater');

describe('An open day', () => {
  it('journals what has come after 50 ms, and announces it', async () => {
    await begin();
    count(3);
    await turn(49);
    expect([stored(), announced]).toEqual([0, []]);
    await turn(1);
    expect(stored()).toBe(3);
    expect(announced).toEqual([{ journal: 1, sizeBytes: expect.any(Number) as number }]);
    count(1, 3);
    await turn(50);
    expect([stored(), announced.length]).toEqual([4, 2]);
  });

  it('journals a whole frame at once, so that what comes fast does not wait in memory for the slow', async () => {
    await begin();
    const large = Buffer.alloc(250_000, 'x');
    for (let number = 0; number < 6; number += 1) day.count(number, 0, large, receiver);
    expect(day.dueInMs).toBe(0);
    await turn();
    expect([stored(), day.unwritten]).toEqual([6, 0]);
    count(1, 6);
    await turn();
    expect(day.unwritten).toBe(1);
  });

  it('syncs once a second, and only what is not synced yet', async () => {
    await begin();
    const before = syncs();
    for (let step = 0; step < 40; step += 1) {
      count(1);
      await turn(100);
    }
    expect([3, 4]).toContain(syncs() - before);
    await turn(1_000);
    const last = syncs();
    expect([day.isSafe, stored()]).toEqual([true, 40]);
    for (let minute = 0; minute < 5; minute += 1) await turn(60_000);
    expect(syncs()).toBe(last);
  });

  it('syncs at once what is much, as it is kept in memory until it is safe', async () => {
    await begin();
    count(1);
    await turn(50);
    await turn(1_000);
    const before = syncs();
    const large = Buffer.alloc(250_000, 'x');
    for (let number = 1; number * large.length < dayLimits.manyUnsafeBytes; number += 1) {
      day.count(number, 0, large, receiver);
    }
    await turn(50);
    await turn();
    expect([syncs() - before, day.isSafe]).toEqual([0, false]);
    for (let number = 101; number < 103; number += 1) day.count(number, 0, large, receiver);
    await turn(50);
    await turn();
    expect([syncs() - before, day.isSafe]).toEqual([1, true]);
  });

  it('says how long it may be left alone', async () => {
    await begin();
    expect(day.dueInMs).toBe(Infinity);
    count(1);
    expect(day.dueInMs).toBe(50);
    collected.clock.advance(30);
    expect(day.dueInMs).toBe(20);
    await turn(20);
    expect(day.dueInMs).toBe(1_000);
    await turn(300);
    expect(day.dueInMs).toBe(700);
    await turn(700);
    expect(day.dueInMs).toBe(Infinity);
  });

  it('stores what is noted with it, also when nothing arrives', async () => {
    await turn();
    day.note({ sums: new Map([['dropped', 2]]), peaks: new Map([['ring-peak-bytes', 70]]) });
    expect(day.isSafe).toBe(false);
    await turn(50);
    expect([collected.counterOn(DAY, 'dropped'), collected.counterOn(DAY, 'ring-peak-bytes')]).toEqual([2, 70]);
  });

  it('waits for one sync in the end, also when one is under way that began before', async () => {
    await begin();
    count(1);
    await turn(50);
    collected.disk.heldSyncs.hold();
    await turn(1_000);
    count(1, 1);
    const flushing = day.flush();
    await settle();
    expect(collected.disk.heldSyncs.waiting).toBe(2);
    collected.disk.heldSyncs.release();
    await flushing;
    expect([stored(), day.isSafe]).toEqual([2, true]);
    await day.close();
  });

  it('stores everything at once when it must', async () => {
    count(5);
    await day.flush();
    expect([stored(), day.isSafe]).toEqual([5, true]);
    await day.close();
    await day.close();
  });

  it('goes on with what an earlier run left', async () => {
    count(2);
    await day.flush();
    await day.close();
    count(3, 2);
    await day.flush();
    expect([stored(), collected.domainsOn(DAY).length]).toEqual([5, 5]);
  });
});

describe('An open day on a slow disk', () => {
  it('goes on counting and writing while a sync takes long', async () => {
    await turn();
    count(1);
    await turn(50);
    collected.disk.heldSyncs.hold();
    await turn();
    for (let step = 1; step <= 60; step += 1) {
      count(1, step);
      await turn(50);
    }
    expect([stored(), collected.disk.heldSyncs.waiting, day.isSafe]).toEqual([61, 2, false]);
    collected.disk.heldSyncs.release();
    await settle();
    await turn(1_000);
    expect([day.isSafe, refused, recovered]).toEqual([true, [], 0]);
  });

  it('is looked at now and then, and not without a pause, while something takes long', async () => {
    await turn();
    count(1);
    collected.disk.heldWrites.hold();
    await turn(50);
    await turn(10_000);
    expect(day.dueInMs).toBeGreaterThanOrEqual(dayLimits.gatherMs);
    collected.disk.heldWrites.release();
    collected.disk.heldSyncs.hold();
    await settle();
    await turn(10_000);
    expect(day.dueInMs).toBeGreaterThanOrEqual(dayLimits.gatherMs);
    collected.disk.heldSyncs.release();
  });
});

describe('An open day on a disk that refuses', () => {
  it('begins when the disk lets it, and has everything then', async () => {
    collected.disk.faults.failNext('open', { errno: 'EMFILE' }, Infinity);
    count(3);
    await turn(50);
    expect(refused).toEqual(['store-not-writable']);
    expect(day.dueInMs).toBe(1_000);
    await turn(999);
    expect(refused).toHaveLength(1);
    await turn(1);
    expect(refused).toHaveLength(2);
    collected.disk.faults.heal();
    await turn(1_000);
    await turn();
    expect([stored(), recovered]).toEqual([3, 0]);
    await turn(1_000);
    expect([day.isSafe, recovered]).toEqual([true, 1]);
  });

  it('says that it went on once what waited is safe, also when more comes all the time', async () => {
    await begin();
    collected.disk.faults.failNext('writeLater', { errno: 'ENOSPC' }, Infinity);
    count(3);
    await turn(50);
    collected.disk.faults.heal();
    collected.disk.heldSyncs.hold();
    for (let step = 0; step < 100; step += 1) {
      count(1, step);
      await turn(50);
    }
    expect([stored(), recovered]).toEqual([103, 0]);
    collected.disk.heldSyncs.release();
    count(1);
    await turn(50);
    expect(recovered).toBe(1);
  });

  it('says that it went on when nothing waited', async () => {
    await begin();
    await day.close();
    collected.disk.faults.failNext('open', { errno: 'EMFILE' });
    await turn();
    expect([refused.length, recovered]).toEqual([1, 0]);
    await turn(1_000);
    expect([day.isSafe, recovered]).toEqual([true, 1]);
  });

  it.each(['ENOSPC', 'EIO', 'EACCES', 'EDQUOT'])(
    'counts on while a write fails with %s, and then writes all',
    async (errno) => {
      await turn();
      collected.disk.faults.failNext('writeLater', { errno }, Infinity);
      for (let step = 0; step < 100; step += 1) {
        count(1, step % 7);
        await turn(50);
      }
      expect(new Set(refused)).toEqual(
        new Set([errno === 'ENOSPC' || errno === 'EDQUOT' ? 'disk-full' : 'store-not-writable']),
      );
      expect([refused.length <= 5, stored() ?? 0, recovered]).toEqual([true, 0, 0]);
      collected.disk.faults.heal();
      await turn(1_000);
      await turn(50);
      expect(stored()).toBe(100);
      await turn(1_000);
      expect(recovered).toBe(1);
    },
  );

  it('writes everything that was not safe anew after a sync that failed and lost it', async () => {
    await begin();
    count(10);
    await turn(50);
    collected.disk.faults.failNext('syncLater', { errno: 'EIO', unsynced: 'lost' });
    await turn(1_000);
    expect([refused, stored()]).toEqual([['store-not-writable'], 0]);
    for (let step = 0; step < 3; step += 1) await turn(1_000);
    expect([stored(), day.isSafe, recovered]).toEqual([10, true, 1]);
  });

  it('writes on while only the sync fails, and tries that less and less often', async () => {
    await begin();
    collected.disk.faults.failNext('syncLater', { errno: 'EIO' }, Infinity);
    const before = syncs();
    for (let index = 0; index < 300; index += 1) {
      count(1, index);
      await turn(1_000);
    }
    await turn(50);
    expect([stored(), syncs() - before < 30]).toEqual([300, true]); // of a journal and its name
    collected.disk.faults.heal();
    for (let step = 0; step < 70; step += 1) await turn(1_000);
    expect([stored(), day.isSafe, recovered]).toEqual([300, true, 1]);
  });

  it('says what it cannot go on with when somebody has removed its journals, and does not say that it could', async () => {
    await begin();
    count(10);
    await turn(50);
    const sessions = dirname(collected.state.sessionStem(DAY));
    for (const name of collected.disk.list(sessions)) collected.disk.remove(join(sessions, name));
    collected.disk.removeDirectory(sessions);
    for (let step = 0; step < 5; step += 1) await turn(1_000);
    expect([day.isSafe, [...new Set(refused)], recovered]).toEqual([false, ['store-replaced'], 0]);
  });

  it('says what keeps it from storing everything when it must', async () => {
    await turn();
    count(1);
    collected.disk.faults.failNext('writeLater', { errno: 'ENOSPC' });
    await expect(day.flush()).rejects.toMatchObject({ code: 'disk-full' });
    await day.flush();
    expect(stored()).toBe(1);
  });
});
