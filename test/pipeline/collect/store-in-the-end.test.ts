import type { LogEvent } from '#events/event.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { storeInTheEnd } from '#pipeline/collect/store-in-the-end.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

let collected: Collected;
let days: CollectedDays;

beforeEach(async () => {
  collected = await Collected.make();
  days = new CollectedDays(collected.options);
  days.count(makeDatagram({ domain: 'a.example' }), collected.clock.nowMs(), new FakeReceiver());
});

/** Returns for how long the tally may make checkpoints. */
async function end(isOver = false, ending = days, tallyMs = 0): Promise<number> {
  const log = (event: LogEvent): void => void collected.events.push(event);
  try {
    return await storeInTheEnd(ending, { clock: collected.clock, log, tallyMs, isOver });
  } finally {
    await ending.close();
  }
}

describe('A collector that ends', () => {
  it('stores everything, and leaves the day open or closes it', async () => {
    await end();
    expect([collected.datagramsOn(DAY), collected.isClosed(DAY)]).toEqual([1, false]);
    days = new CollectedDays(collected.options);
    await end(true);
    expect([collected.datagramsOn(DAY), collected.isClosed(DAY)]).toEqual([1, true]);
  });

  it.each([
    ['writeLater', 'ENOSPC'],
    ['syncLater', 'EIO'],
    ['open', 'EMFILE'],
    ['status', 'EIO'],
  ] as const)('asks a disk again that refuses a %s', async (call, errno) => {
    collected.disk.faults.failNext(call, { errno }, 3);
    await end();
    expect(collected.datagramsOn(DAY)).toBe(1);
  });

  it('says what keeps it from storing everything, and lets go of the files', async () => {
    collected.disk.faults.failNext('writeLater', { errno: 'ENOSPC' }, Infinity);
    await expect(end()).rejects.toMatchObject({ code: 'disk-full' });
    expect(collected.events.at(-1)).toMatchObject({ name: 'datagrams-not-stored', facts: { count: 1 } });
    collected.disk.faults.heal();
    const later = new CollectedDays(collected.options);
    await end(false, later);
    expect(collected.datagramsOn(DAY)).toBe(0);
  });

  it('ends well when only the tally cannot be stored, since the journals have everything', async () => {
    collected.disk.faults.policy = (_call, path) => (path.includes('.sqlite.tmp') ? { errno: 'ENOSPC' } : undefined);
    await end(true);
    collected.disk.faults.heal();
    expect([collected.datagramsOn(DAY), collected.isClosed(DAY)]).toEqual([1, false]);
    expect(collected.eventNames()).toContain('checkpoint-failed');
  });

  it.each([
    [3_000, false, 0],
    [400, false, 5_000],
    [3_000, true, 5_000],
  ])(
    'after %i ms for a sync, the day over: %s, gives the tally %i ms for checkpoints',
    async (syncMs, isOver, givenMs) => {
      collected.disk.heldSyncs.hold();
      const ending = end(isOver, days, 5_000);
      for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      collected.clock.advance(syncMs);
      collected.disk.heldSyncs.release();
      expect(await ending).toBe(givenMs);
      expect(collected.datagramsOn(DAY)).toBe(1);
    },
  );
});
