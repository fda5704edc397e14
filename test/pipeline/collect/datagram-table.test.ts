import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatagramTable, MAX_DATAGRAMS } from '#pipeline/collect/datagram-table.ts';

const numbered = (index: number): Buffer => Buffer.from(`{"d":"d${String(index)}.example"}`);

function numberIn(table: DatagramTable, bytes: Buffer): number {
  return table.find(bytes) ?? table.add(bytes);
}

describe('A datagram table', () => {
  it('gives the same number for the same bytes, and the next one for others', () => {
    const datagram = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(datagram), (datagrams) => {
        const table = new DatagramTable();
        const seen: string[] = [];
        for (const bytes of datagrams) {
          const text = bytes.toString('hex');
          if (!seen.includes(text)) seen.push(text);
          expect(numberIn(table, bytes)).toBe(seen.indexOf(text));
        }
        expect(table.size).toBe(seen.length);
      }),
      { numRuns: 30 },
    );
  });

  it('tells apart bytes that differ in one bit, wherever that is', () => {
    const bytes = Buffer.from('{"d":"good.example","policies":[{"policy-type":9}]}');
    const table = new DatagramTable();
    numberIn(table, bytes);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const other = Buffer.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(numberIn(table, other)).toBe(bit + 1);
    }
  });

  it('tells apart bytes that are the same but for zeros at the end', () => {
    const table = new DatagramTable();
    expect([8, 7, 9, 12, 0].map((length) => numberIn(table, Buffer.alloc(length)))).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes an empty datagram for no other, whether it comes first or last', () => {
    const [table, empty] = [new DatagramTable(), Buffer.alloc(0)];
    expect([empty, numbered(1), empty, numbered(2)].map((bytes) => numberIn(table, bytes))).toEqual([0, 1, 0, 2]);
  });

  it('knows the same bytes wherever they lie in memory', () => {
    const memory = Buffer.from('....{"d":"good.example"}........{"d":"good.example"}.{"d":"good.example"}');
    const starts = [...memory.toString().matchAll(/\{/g)].map(({ index }) => index);
    const table = new DatagramTable();
    expect(starts.map((start) => numberIn(table, memory.subarray(start, start + 20)))).toEqual([0, 0, 0]);
  });

  it('finds each of as many as it has room for, and then gives all numbers anew', () => {
    const table = new DatagramTable();
    const isEach = (): boolean => {
      for (let index = 0; index < MAX_DATAGRAMS; index += 1)
        if (numberIn(table, numbered(index)) !== index) return false;
      return true;
    };
    expect([isEach(), isEach(), table.size, table.generation]).toEqual([true, true, MAX_DATAGRAMS, 0]);
    expect(numberIn(table, numbered(MAX_DATAGRAMS))).toBe(0);
    expect([table.size, table.generation]).toEqual([1, 1]);
    expect([numberIn(table, numbered(7)), numberIn(table, numbered(MAX_DATAGRAMS))]).toEqual([1, 0]);
    expect(table.generation).toBe(1);
  });

  it('gives all numbers anew when they stand for too much text', () => {
    const table = new DatagramTable(undefined, 1_000);
    const large = (index: number): Buffer => Buffer.alloc(300, index);
    expect([1, 2, 3, 1].map((index) => numberIn(table, large(index)))).toEqual([0, 1, 2, 0]);
    expect([4, 3, 4].map((index) => numberIn(table, large(index)))).toEqual([0, 1, 0]);
    expect([table.size, table.generation]).toEqual([2, 1]);
  });

  it('says of each number once that its bytes have come again, and once more when it is given anew', () => {
    const table = new DatagramTable(undefined, 1_000);
    const ask = (index: number): boolean => table.isFirstRepetition(numberIn(table, Buffer.alloc(600, index)));
    expect([1, 1, 1, 2, 2].map(ask)).toEqual([true, false, false, true, false]);
  });

  it('does not know what was only looked for', () => {
    const table = new DatagramTable(undefined, 1_000);
    numberIn(table, numbered(0));
    for (let index = 1; index <= 100; index += 1) expect(table.find(numbered(index))).toBeUndefined();
    expect([table.find(numbered(0)), table.size, table.generation]).toEqual([0, 1, 0]);
  });
});
