import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatagramTable } from '#pipeline/collect/datagram-table.ts';

function tableWith(datagrams: readonly Buffer[], maxEntries = 1_000): DatagramTable<number> {
  const table = new DatagramTable<number>(maxEntries);
  for (const [index, bytes] of datagrams.entries()) {
    if (table.find(bytes) === undefined) table.rememberLast(index);
  }
  return table;
}

describe('A datagram table', () => {
  it('knows the bytes it was told to remember, and no others', () => {
    const datagram = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(
        fc.uniqueArray(datagram, { selector: (bytes) => bytes.toString('hex') }),
        datagram,
        (known, other) => {
          const table = tableWith(known);
          expect(known.map((bytes) => table.find(bytes))).toEqual(known.map((_, index) => index));
          const index = known.findIndex((bytes) => bytes.equals(other));
          expect(table.find(other)).toBe(index < 0 ? undefined : index);
        },
      ),
    );
  });

  it('tells apart bytes that differ in one bit, wherever that is', () => {
    const bytes = Buffer.from('{"d":"good.example","policies":[{"policy-type":9}]}');
    const changed = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const other = Buffer.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return other;
    });
    const table = tableWith([bytes]);
    expect(changed.filter((other) => table.find(other) !== undefined)).toEqual([]);
  });

  it('tells apart bytes that are the same but for zeros at the end', () => {
    const table = tableWith([Buffer.alloc(8)]);
    expect([7, 9, 12].map((length) => table.find(Buffer.alloc(length)))).toEqual([undefined, undefined, undefined]);
  });

  it('knows the same bytes wherever they lie in memory', () => {
    const memory = Buffer.from('....{"d":"good.example"}........{"d":"good.example"}.{"d":"good.example"}');
    const starts = [...memory.toString().matchAll(/\{/g)].map(({ index }) => index);
    const copies = starts.map((start) => memory.subarray(start, start + 20));
    const [first = Buffer.alloc(0)] = copies;
    const table = tableWith([first]);
    expect(copies.map((bytes) => table.find(bytes))).toEqual([0, 0, 0]);
  });

  it('finds each of a hundred thousand', () => {
    const datagrams = Array.from({ length: 100_000 }, (_, index) => Buffer.from(`{"d":"d${String(index)}.example"}`));
    const table = tableWith(datagrams, 350_000);
    expect(datagrams.every((bytes, index) => table.find(bytes) === index)).toBe(true);
  });

  it('forgets everything when it is full, and learns anew', () => {
    const [first, second, third] = ['a', 'b', 'c'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
    const table = tableWith([first, second, third], 2);
    expect([first, second, third].map((bytes) => table.find(bytes))).toEqual([undefined, undefined, 2]);
  });
});
