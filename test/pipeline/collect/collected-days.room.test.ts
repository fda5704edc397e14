import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { dayLimits } from '#pipeline/collect/open-day.ts';
import { Collected } from '#test/support/collected.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [TODAY, TOMORROW] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const DAY_MS = 86_400_000;
const DATAGRAM_BYTES = 250_000;
const receiver = new FakeReceiver();

let collected: Collected;
let days: CollectedDays;

beforeEach(async () => {
  collected = await Collected.make();
  collected.clock.set(`${TODAY}T23:59:59Z`);
  days = new CollectedDays(collected.options);
});

afterEach(async () => {
  collected.disk.faults.heal();
  await days.close();
});

async function passSeconds(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    collected.clock.advance(1_000);
    days.write();
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** With datagrams that were not seen before, until one finds no room. Returns how many bytes were kept. */
function fill(name: string): number {
  const { counted, dropped } = collected.figures;
  for (let index = 0; collected.figures.dropped === dropped; index += 1) {
    const start = Buffer.from(`${name} ${String(index)} `);
    days.count(Buffer.concat([start, Buffer.alloc(DATAGRAM_BYTES, 'x')]), collected.clock.nowMs(), receiver);
  }
  return (collected.figures.counted - counted) * DATAGRAM_BYTES;
}

describe('The room in memory', () => {
  it('is one of all days together, however many cannot be stored', async () => {
    days.write();
    collected.disk.faults.policy = (call) => (call === 'writeLater' ? { errno: 'ENOSPC' } : undefined);
    let keptBytes = fill('first');
    expect(keptBytes).toBeGreaterThan(dayLimits.heldBytes / 2);
    for (const name of ['second', 'third']) {
      await passSeconds(5);
      keptBytes += fill(name);
      expect([days.hasRoom, keptBytes < dayLimits.heldBytes]).toEqual([false, true]);
      collected.clock.advance(DAY_MS - 5_000);
    }
    collected.disk.faults.heal();
    await passSeconds(5);
    expect(days.hasRoom).toBe(true);
    await days.flush();
    await days.tally.settled(0);
    expect([TODAY, TOMORROW].map((day) => (collected.datagramsOn(day) ?? 0) > 0)).toEqual([true, false]);
  });
});
