import { beforeEach, describe, expect, it } from 'vitest';
import { Room, roomLimits } from '#pipeline/collect/room.ts';
import { AskingReceiver, FakeReceiver } from '#test/support/fake-receiver.ts';

const receiver = new FakeReceiver();
let room: Room;
let heldBytes: number;

beforeEach(() => {
  heldBytes = 0;
  room = new Room(() => heldBytes);
});

function datagramOf(domain: string, bytes: number): Buffer {
  return Buffer.from(`{"d":"${domain}"}`.padEnd(bytes));
}

/** Keeps it when there is room. Returns whether there was. */
function keep(bytes: Buffer): boolean {
  const isKept = room.give(bytes, receiver);
  if (isKept) heldBytes += bytes.length;
  return isKept;
}

/** One of each domain in turn, until each finds no room. Returns how much was kept. */
function fill(domains: readonly string[], bytes: number): number {
  const before = heldBytes;
  for (let open = domains.map((domain) => datagramOf(domain, bytes)); open.length > 0;) open = open.filter(keep);
  return heldBytes - before;
}

function named(count: number, name: string): string[] {
  return Array.from({ length: count }, (_, index) => `${name}${String(index)}.example`);
}

/** Domains that came before. */
function known(count: number, name = 'd'): string[] {
  const domains = named(count, name);
  for (const domain of domains) room.noteRepeated(datagramOf(domain, 100));
  return domains;
}

/** Domains that never came, as many as find room. */
function flood(bytes: number): number {
  const before = heldBytes;
  for (let index = 0; keep(datagramOf(`new${String(index)}.example`, bytes));) index += 1;
  return heldBytes - before;
}

describe('The room in memory', () => {
  it('ends for large datagrams first and for small ones last', () => {
    const domains = known(1_000);
    const kept = [262_144, 20_000, 1_000].map((bytes) => fill(domains, bytes));
    expect(Math.min(...kept)).toBeGreaterThan(3_000_000);
    expect(heldBytes).toBeLessThan(roomLimits.heldBytes);
    expect([262_144, 20_000, 1_000].map((bytes) => keep(datagramOf('d0.example', bytes)))).toEqual([
      false,
      false,
      false,
    ]);
    heldBytes = 0;
    expect(keep(datagramOf('d0.example', 262_144))).toBe(true);
  });

  it('is enough for a burst of large datagrams of one domain, faster than any disk syncs', () => {
    const [domain = ''] = known(1);
    expect(Array.from({ length: 200 }, () => keep(datagramOf(domain, 180_000)))).not.toContain(false);
  });

  it('is half for domains that never came before, and all of it for those that did', () => {
    const domains = known(100);
    flood(1_000);
    expect(heldBytes / roomLimits.newDomainsBytes).toBeCloseTo(1, 1);
    fill(domains, 1_000);
    expect(heldBytes / roomLimits.heldBytes).toBeCloseTo(1, 1);
    expect(keep(datagramOf('another.example', 100))).toBe(false);
  });

  it('takes a domain for one that came before also when there was no room for what came of it', () => {
    flood(1_000);
    expect([1, 2].map(() => keep(datagramOf('late.example', 2_000)))).toEqual([false, true]);
  });

  it.each([1, 20, 300])('leaves the next domain about as much as %i domains take each', (count) => {
    const domains = known(count);
    const latest = known(1, 'latest');
    const each = fill(domains, 1_000) / count;
    expect(fill(latest, 1_000) / each).toBeGreaterThan(0.5);
  });

  it('has for all that names no domain together as much as for one new domain', () => {
    const random = Buffer.alloc(1_000, 'x');
    while (keep(random));
    expect(heldBytes).toBeLessThan(roomLimits.newDomainsBytes / 2);
  });

  it('is given again when what was kept is safe', () => {
    const domains = known(1);
    const first = fill(domains, 1_000);
    for (let round = 0; round < 3; round += 1) {
      heldBytes = 0;
      fill(domains, 1_000);
    }
    heldBytes = 0;
    expect(fill(domains, 1_000) / first).toBeGreaterThan(0.8);
  });

  it('is not used up by a domain whose datagrams become safe one after the other, while as many come', () => {
    const [domain = ''] = known(1);
    const datagram = datagramOf(domain, 20_000);
    for (let count = 0; count < 20_000; count += 1) {
      expect(keep(datagram)).toBe(true);
      heldBytes = Math.min(heldBytes, roomLimits.heldBytes / 7);
    }
  });

  it('is not asked for by a receiver that has waited for it before', () => {
    flood(1_000);
    expect(room.give(datagramOf('late.example', 262_144), new AskingReceiver())).toBe(true);
  });
});
