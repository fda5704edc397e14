import { beforeEach, describe, expect, it } from 'vitest';
import { dayLimits, OpenDay } from '#pipeline/collect/open-day.ts';
import { Collected } from '#test/support/collected.ts';
import { AskingReceiver, FakeReceiver } from '#test/support/fake-receiver.ts';
import { takeDatagram } from '#test/support/take-datagram.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const [LARGE, MEDIUM, SMALL] = [262_144, 20_000, 400].map((size) => Buffer.alloc(size, 'x')) as [
  Buffer,
  Buffer,
  Buffer,
];
const receiver = new FakeReceiver();

let collected: Collected;
let day: OpenDay;
/** The number of the next datagram that was not seen before. */
let next: number;
let lookedForRoom: number;

beforeEach(async () => {
  collected = await Collected.make();
  next = 0;
  day = new OpenDay({
    day: DAY,
    batch: collected.store.newBatch(),
    steadyMs: () => collected.clock.steadyMs(),
    heldByAll: () => {
      lookedForRoom += 1;
      return day.heldBytes;
    },
    open: () => collected.store.openJournal(DAY, () => undefined),
    refused: () => undefined,
    recovered: () => undefined,
  });
  await turn();
});

/** A turn of the collector, and what the disk does meanwhile. */
async function turn(afterMs = 0): Promise<void> {
  collected.clock.advance(afterMs);
  day.write();
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** So many that were not seen before. Returns how many were taken. */
async function count(bytes: Buffer, times: number): Promise<number> {
  let taken = 0;
  for (let left = times; left > 0; left -= 1) {
    if (takeDatagram(day, next, bytes, receiver)) taken += 1;
    next += 1;
    if (left % 100 === 0) await turn(50);
  }
  return taken;
}

/** Until one finds no room. */
async function fillWith(bytes: Buffer): Promise<number> {
  let taken = 0;
  while ((await count(bytes, 1)) === 1) {
    taken += 1;
    if (taken % 50 === 0) await turn(50);
  }
  return taken;
}

describe('The room of an open day', () => {
  it.each(['heldWrites', 'heldSyncs'] as const)(
    'ends for large datagrams first and for small ones last, and what is known is counted all the same, with %s',
    async (held) => {
      if (held === 'heldSyncs') await count(SMALL, 1); // is there to be synced
      await turn(50);
      collected.disk[held].hold();
      const taken = [next];
      for (const bytes of [LARGE, MEDIUM, SMALL]) {
        taken.push(await fillWith(bytes));
        expect(day.hasRoom).toBe(false);
      }
      expect([await count(LARGE, 1), await count(MEDIUM, 1), await count(SMALL, 1)]).toEqual([0, 0, 0]);
      const [, large = 0, medium = 0, small = 0] = taken;
      expect(Math.min(large, medium, small)).toBeGreaterThan(100);
      expect(large * LARGE.length + medium * MEDIUM.length + small * SMALL.length).toBeLessThan(dayLimits.heldBytes);
      for (let times = 0; times < 10; times += 1) expect(takeDatagram(day, 5, LARGE, receiver)).toBe(true);
      collected.disk[held].release();
      await day.flush();
      expect([day.hasRoom, day.isSafe, await count(LARGE, 1)]).toEqual([true, true, 1]);
      await day.flush();
      expect(collected.datagramsOn(DAY)).toBe(taken.reduce((sum, some) => sum + some, 0) + 11);
    },
  );

  it('is not asked for by a receiver that has waited for it before', async () => {
    collected.disk.heldWrites.hold();
    await fillWith(LARGE);
    expect([day.hasRoom, takeDatagram(day, next, LARGE, new AskingReceiver())]).toEqual([false, true]);
  });

  it('is looked for once for a datagram that is new, and not for one that is known', () => {
    lookedForRoom = 0;
    takeDatagram(day, 0, SMALL, receiver);
    expect(lookedForRoom).toBe(1);
    takeDatagram(day, 0, SMALL, receiver);
    expect(lookedForRoom).toBe(1);
  });
});

describe('A pause for the disk', () => {
  const more = (bytes: number): Promise<number> => count(LARGE, Math.ceil(bytes / LARGE.length));

  it('is wanted when a disk that is at work has much to do, and no more when it has done it', async () => {
    await more(dayLimits.calmBytes / 2);
    expect(day.wantsPause).toBe(false);
    await more(dayLimits.calmBytes);
    expect(day.wantsPause).toBe(true);
    await day.flush();
    expect(day.wantsPause).toBe(false);
  });

  it('is not wanted from a disk that has done nothing for a moment, which may never go on', async () => {
    collected.disk.heldWrites.hold();
    await more(2 * dayLimits.calmBytes);
    await turn();
    expect(day.wantsPause).toBe(true);
    await turn(dayLimits.calmMs);
    expect(day.wantsPause).toBe(false);
    collected.disk.heldWrites.release();
    await day.idle();
  });

  it('is not wanted from a disk that writes at once, however long it takes to sync', async () => {
    await count(SMALL, 1);
    await turn(50);
    collected.disk.heldSyncs.hold();
    await turn(dayLimits.syncMs);
    await more(2 * dayLimits.calmBytes);
    for (let turns = 0; turns < 3; turns += 1) await turn(50);
    expect(day.wantsPause).toBe(false);
    collected.disk.heldSyncs.release();
    await day.idle();
  });

  it('is not wanted while the disk refuses', async () => {
    await more(2 * dayLimits.calmBytes);
    expect(day.wantsPause).toBe(true);
    collected.disk.faults.failNext('writeLater', { errno: 'ENOSPC' });
    await turn(50);
    expect(day.wantsPause).toBe(false);
  });

  it('is not wanted before the day could be opened', () => {
    const shut: OpenDay = new OpenDay({
      day: DAY,
      batch: collected.store.newBatch(),
      steadyMs: () => collected.clock.steadyMs(),
      heldByAll: () => shut.heldBytes,
      open: () => new Promise(() => undefined),
      refused: () => undefined,
      recovered: () => undefined,
    });
    for (let number = 0; number < 100; number += 1) shut.count(number, 0, LARGE, receiver);
    shut.write();
    expect(shut.wantsPause).toBe(false);
  });
});
