import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedRing } from '#adapters/datagram/shared-ring.ts';

const CAPACITY = 512;
const INBOX = 400;
const HEADER_BYTES = 16;

function takeAll(ring: SharedRing, limit = Infinity): [text: string, arrivedMs: number][] {
  const taken: [string, number][] = [];
  const count = ring.take(limit, (bytes, arrivedMs) => {
    taken.push([bytes.toString('latin1'), arrivedMs]);
  });
  expect(count).toBe(taken.length);
  return taken;
}

function ringOf(capacityBytes: number, spareTimes = 0): SharedRing {
  return new SharedRing({ capacityBytes, spareTimes, inboxBytes: INBOX });
}

/** Wherever in the inbox it lies. */
function put(ring: SharedRing, bytes: Buffer, arrivedMs: number, source = 0): boolean {
  ring.inbox.fill('not a part of it');
  bytes.copy(ring.inbox, source);
  return ring.put(source, bytes.length, arrivedMs);
}

function roomFor(length: number): number {
  return Math.ceil((HEADER_BYTES + length) / 8) * 8;
}

const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('put' as const), length: fc.nat({ max: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const), limit: fc.nat({ max: 5 }) }) },
);

describe('A shared ring', () => {
  it('is a queue, whatever is put and taken in whatever order', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
        const writer = ringOf(CAPACITY);
        const reader = new SharedRing(writer.shared);
        const queue: [string, number][] = [];
        let used = 0;
        operations.forEach((next, index) => {
          if (next.kind === 'take') {
            const expected = queue.splice(0, next.limit);
            expect(takeAll(reader, next.limit)).toEqual(expected);
            used -= expected.reduce((total, [text]) => total + roomFor(text.length), 0);
          } else {
            const text = String.fromCharCode(33 + (index % 90)).repeat(next.length);
            const isPut = put(writer, Buffer.from(text), index + 0.5, index % 90);
            if (isPut) queue.push([text, index + 0.5]);
            if (isPut) used += roomFor(next.length);
            // It is never more than full, and there is room for anything of half its size in an empty one.
            expect(used).toBeLessThan(CAPACITY + 1);
            if (!isPut) expect(queue.length > 0 || roomFor(next.length) >= CAPACITY / 2).toBe(true);
          }
          expect(reader.isEmpty).toBe(queue.length === 0);
        });
        expect(takeAll(reader)).toEqual(queue);
      }),
      { numRuns: 500 },
    );
  });

  it('takes nothing when it is full, and goes on once there is room', () => {
    const ring = ringOf(72);
    const putText = (text: string): boolean => put(ring, Buffer.from(text), 1);
    expect([putText('one'), putText('two'), putText('three')]).toEqual([true, true, false]);
    expect(takeAll(ring, 1)).toEqual([['one', 1]]);
    expect(putText('three')).toBe(true);
    expect(putText('four')).toBe(false);
    expect(takeAll(ring).map(([text]) => text)).toEqual(['two', 'three']);
    expect(ring.isEmpty).toBe(true);
  });

  it('takes a datagram only where that leaves some times its size free, so small ones find more room than large ones', () => {
    const filledWith = (length: number): number => {
      const ring = ringOf(2_400, 9);
      let bytes = 0;
      while (put(ring, Buffer.alloc(length), 1)) bytes += length;
      return bytes;
    };
    expect(filledWith(16)).toBeGreaterThan(1_000);
    expect(filledWith(160)).toBe(800);
    expect(filledWith(200)).toBe(400);
  });

  it('takes a datagram that leaves less when it is empty, whoever made it, and no other one beside it', () => {
    const writer = new SharedRing(ringOf(2_400, 9).shared);
    expect([put(writer, Buffer.alloc(300), 1), put(writer, Buffer.alloc(300), 1)]).toEqual([true, false]);
    expect(takeAll(writer)).toHaveLength(1);
    expect(put(writer, Buffer.alloc(300), 1)).toBe(true);
  });

  it('goes round many times', () => {
    const ring = ringOf(104);
    for (let index = 0; index < 1_000; index += 1) {
      const text = 'x'.repeat(index % 30);
      expect(put(ring, Buffer.from(text), index)).toBe(true);
      expect(takeAll(ring)).toEqual([[text, index]]);
    }
  });

  it('hands out again what a visit failed on', () => {
    const ring = ringOf(256);
    for (const text of ['one', 'two']) put(ring, Buffer.from(text), 1);
    expect(() =>
      ring.take(2, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(takeAll(ring).map(([text]) => text)).toEqual(['one', 'two']);
  });
});
