import { beforeEach, describe, expect, it } from 'vitest';
import { dayLimits, OpenDay } from '#pipeline/collect/open-day.ts';
import { Collected } from '#test/support/collected.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const [LARGE, SMALL] = [262_144, 400].map((size) => Buffer.alloc(size, 'x')) as [Buffer, Buffer];
const receiver = new FakeReceiver();

let collected: Collected;
let day: OpenDay;
/** The number of the next datagram that was not seen before. */
let next: number;

beforeEach(async () => {
  collected = await Collected.make();
  next = 0;
  day = new OpenDay({
    day: DAY,
    batch: collected.store.newBatch(),
    steadyMs: () => collected.clock.steadyMs(),
    open: (wrote) => collected.store.openJournal(DAY, wrote),
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

/** So many that were not seen before. */
async function count(bytes: Buffer, times: number): Promise<void> {
  for (let left = times; left > 0; left -= 1) {
    day.count(next, 0, bytes, receiver);
    next += 1;
    if (left % 100 === 0) await turn(50);
  }
}

describe('A pause for the disk', () => {
  const more = (bytes: number): Promise<void> => count(LARGE, Math.ceil(bytes / LARGE.length));

  it('is wanted when a disk that is at work has much to do, and no more when it has done it', async () => {
    await more(dayLimits.calmBytes.write / 2);
    expect(day.wantsPause).toBe(false);
    await more(dayLimits.calmBytes.write);
    expect(day.wantsPause).toBe(true);
    await day.flush();
    expect(day.wantsPause).toBe(false);
  });

  it('is not wanted from a disk that has done nothing for a moment, which may never go on', async () => {
    collected.disk.heldWrites.hold();
    await more(2 * dayLimits.calmBytes.write);
    await turn();
    expect(day.wantsPause).toBe(true);
    await turn(dayLimits.calmMs);
    expect(day.wantsPause).toBe(false);
    collected.disk.heldWrites.release();
    await day.idle();
  });

  it('is wanted from a disk that takes long for all there is, and writes a piece of it every moment', async () => {
    collected.disk.heldWrites.hold();
    await more(4 * dayLimits.calmBytes.write);
    for (let pieces = 0; pieces < 3; pieces += 1) {
      await turn(dayLimits.calmMs - 1);
      expect([collected.disk.heldWrites.releaseOne(), day.wantsPause]).toEqual([true, true]);
      await turn();
    }
    await turn(dayLimits.calmMs - 1);
    expect(day.wantsPause).toBe(true);
    collected.disk.heldWrites.release();
    await day.idle();
  });

  it('is not wanted from a disk that writes at once, however long it takes to sync', async () => {
    await count(SMALL, 1);
    await turn(50);
    collected.disk.heldSyncs.hold();
    await turn(dayLimits.syncMs);
    await more(2 * dayLimits.calmBytes.sync);
    for (let turns = 0; turns < 3; turns += 1) await turn(50);
    expect(day.wantsPause).toBe(false);
    collected.disk.heldSyncs.release();
    await day.idle();
  });

  it('is not wanted while the disk refuses', async () => {
    await more(2 * dayLimits.calmBytes.write);
    expect(day.wantsPause).toBe(true);
    collected.disk.faults.failNext('writeLater', { errno: 'ENOSPC' });
    await turn(50);
    expect(day.wantsPause).toBe(false);
  });

  it('is not wanted before the day could be opened', () => {
    const shut = new OpenDay({
      day: DAY,
      batch: collected.store.newBatch(),
      steadyMs: () => collected.clock.steadyMs(),
      open: () => new Promise(() => undefined),
      refused: () => undefined,
      recovered: () => undefined,
    });
    for (let number = 0; number < 100; number += 1) shut.count(number, 0, LARGE, receiver);
    shut.write();
    expect(shut.wantsPause).toBe(false);
  });
});

describe('A day that the disk does not take', () => {
  const sameAgain = async (): Promise<void> => {
    for (let number = 0; number < 100; number += 1) day.count(number, 0, SMALL, receiver);
    await turn(1_000);
  };

  it.each(['holds', 'refuses'])(
    'takes no more memory for what comes again, however long the disk %s it',
    async (what) => {
      const { faults, heldWrites } = collected.disk;
      if (what === 'holds') heldWrites.hold();
      else faults.policy = (call) => (call === 'writeLater' ? { errno: 'ENOSPC' } : undefined);
      for (let second = 0; second < 3; second += 1) await sameAgain();
      const before = day.heldBytes;
      for (let second = 0; second < 20; second += 1) await sameAgain();
      expect(day.heldBytes).toBe(before);
      heldWrites.release();
      faults.heal();
      await turn(1_000);
      expect([collected.datagramsOn(DAY), day.unwritten]).toEqual([2_300, 0]);
    },
  );
});
