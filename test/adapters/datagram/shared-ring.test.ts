import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedRing } from '#adapters/datagram/shared-ring.ts';

const CAPACITY = 512;
const HEADER_BYTES = 16;

function takeAll(ring: SharedRing, limit = Infinity): [text: string, arrivedMs: number][] {
  const taken: [string, number][] = [];
  const count = ring.take(limit, (bytes, arrivedMs) => {
    taken.push([bytes.toString('latin1'), arrivedMs]);
  });
  expect(count).toBe(taken.length);
  return taken;
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
        const writer = new SharedRing(CAPACITY);
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
            const bytes = Buffer.from(`${text}not a part of it`).subarray(0, next.length);
            const isPut = writer.put(bytes, index + 0.5);
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
    const ring = new SharedRing(72);
    const put = (text: string): boolean => ring.put(Buffer.from(text), 1);
    expect([put('one'), put('two'), put('three')]).toEqual([true, true, false]);
    expect(takeAll(ring, 1)).toEqual([['one', 1]]);
    expect(put('three')).toBe(true);
    expect(put('four')).toBe(false);
    expect(takeAll(ring).map(([text]) => text)).toEqual(['two', 'three']);
    expect(ring.isEmpty).toBe(true);
  });

  it('goes round many times', () => {
    const ring = new SharedRing(104);
    for (let index = 0; index < 1_000; index += 1) {
      const text = 'x'.repeat(index % 30);
      expect(ring.put(Buffer.from(text), index)).toBe(true);
      expect(takeAll(ring)).toEqual([[text, index]]);
    }
  });

  it('hands out again what a visit failed on', () => {
    const ring = new SharedRing(256);
    for (const text of ['one', 'two']) ring.put(Buffer.from(text), 1);
    expect(() =>
      ring.take(2, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(takeAll(ring).map(([text]) => text)).toEqual(['one', 'two']);
  });
});
