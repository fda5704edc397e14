import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { roomLimits } from '#pipeline/collect/room.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
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

function count(bytes: Buffer): void {
  days.count(bytes, collected.clock.nowMs(), receiver);
}

/** Each of another domain, and the same for the same name and index. */
function ofDomain(index: number, name: string, bytes: number): Buffer {
  return Buffer.from(`{"d":"d${String(index)}.example","pr":"${name}"}`.padEnd(bytes, 'x'));
}

/** With datagrams that were not seen before, until one finds no room. Returns how many bytes were kept. */
function fill(name: string): number {
  const { counted, dropped } = collected.figures;
  for (let index = 0; collected.figures.dropped === dropped; index += 1) count(ofDomain(index, name, DATAGRAM_BYTES));
  return (collected.figures.counted - counted) * DATAGRAM_BYTES;
}

describe('The room in memory', () => {
  it('is one of all days together, however many cannot be stored', async () => {
    days.write();
    collected.disk.faults.policy = (call) => (call === 'writeLater' ? { errno: 'ENOSPC' } : undefined);
    for (let index = 0; index * DATAGRAM_BYTES < roomLimits.heldBytes; index += 1) count(ofDomain(index, 'known', 100));
    let keptBytes = fill('first');
    expect(keptBytes).toBeGreaterThan(roomLimits.heldBytes / 2);
    for (const name of ['second', 'third']) {
      await passSeconds(5);
      keptBytes += fill(name);
      expect([days.hasRoom, keptBytes < roomLimits.heldBytes]).toEqual([false, true]);
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

/** One of each domain, all alike but for that and what `variant` says. Returns how many were lost. */
function countOfEach(domains: readonly string[], variant: number): number {
  const { dropped } = collected.figures;
  for (const domain of domains) {
    const failures = variant === 0 ? [] : [{ code: 204, receivingIp: `2001:db8::${variant.toString(16)}` }];
    count(makeDatagram({ domain, failures }));
  }
  return collected.figures.dropped - dropped;
}

/** With datagrams so small that they are given numbers anew, each of a domain that never came, until none finds room any more. */
function flood(name: string): void {
  for (let index = 0, lost = 0; lost < 1_000; index += 1) {
    const { dropped } = collected.figures;
    count(ofDomain(index, name, 250));
    lost = collected.figures.dropped > dropped ? lost + 1 : 0;
    if (index % 10_000 === 0) days.write();
  }
}

describe('A flood from ever new domains while nothing can be stored', () => {
  const domains = Array.from({ length: 50 }, (_, index) => `d${String(index)}.valid.example`);

  it('takes no room from the domains that came before: what comes of them is counted, seen before or not', () => {
    days.write();
    collected.disk.faults.policy = (call) => (call === 'writeLater' ? { errno: 'ENOSPC' } : undefined);
    countOfEach(domains, 0);
    countOfEach(domains, 0);
    flood('one');
    const lost = Array.from({ length: 100 }, (_, variant) => countOfEach(domains, variant));
    flood('another');
    expect([...lost, countOfEach(domains, 101)].filter((count) => count > 0)).toEqual([]);
  });

  it('takes none from those that come first on a new day either, however many came before and come no more', async () => {
    days.write();
    for (let index = 0; index < 400_000; index += 1)
      for (const name of ['first', 'again']) count(ofDomain(index, name, 10));
    await passSeconds(5);
    countOfEach(domains, 0);
    countOfEach(domains, 0);
    collected.disk.faults.policy = (call) => (call === 'writeLater' ? { errno: 'ENOSPC' } : undefined);
    flood('one');
    expect(countOfEach(domains, 1)).toBe(0);
  });
});
