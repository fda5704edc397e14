import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatagramTable, MAX_DATAGRAMS } from '#pipeline/collect/datagram-table.ts';

function tableWith(datagrams: readonly Buffer[]): DatagramTable {
  const table = new DatagramTable();
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
    const table = tableWith(datagrams);
    expect(datagrams.every((bytes, index) => table.find(bytes) === index)).toBe(true);
  });

  it('takes no more than it has room for, and learns anew once it is cleared', () => {
    const numbered = (index: number): Buffer => Buffer.from(`{"d":"d${String(index)}.example"}`);
    const datagrams = Array.from({ length: MAX_DATAGRAMS + 2 }, (_, index) => numbered(index));
    const table = tableWith(datagrams);
    expect(table.size).toBe(MAX_DATAGRAMS);
    expect([0, MAX_DATAGRAMS - 1, MAX_DATAGRAMS].map((index) => table.find(numbered(index)))).toEqual([
      0,
      MAX_DATAGRAMS - 1,
      undefined,
    ]);
    table.clear();
    expect([table.size, table.find(numbered(0))]).toEqual([0, undefined]);
    table.rememberLast(7);
    expect(table.find(numbered(0))).toBe(7);
  });
});
