import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DatagramTable } from '#pipeline/collect/datagram-table.ts';
import { RecentDatagrams } from '#pipeline/collect/recent-datagrams.ts';

/** Of a length for which there are places, of one for which there are none, or of one beside the border between them. */
const length = fc.oneof(
  fc.integer({ min: 0, max: 2_000 }),
  fc.constantFrom(0, 1, 3, 4, 63, 64, 65, 1_023, 1_024, 1_025),
);
/** Of few different bytes, so that many of them are nearly the same. */
const datagram = length.chain((size) =>
  fc
    .array(fc.constantFrom(0, 120, 255), { minLength: size, maxLength: size, size: 'max' })
    .map((bytes) => Buffer.from(bytes)),
);
const kept = datagram.filter(({ length: size }) => size >= 64 && size <= 1_024);

let recent: RecentDatagrams;

/** As often as it takes to get a place. */
function keepTwice(bytes: Buffer, number: number): void {
  recent.keep(bytes, number);
  recent.keep(bytes, number);
}

beforeEach(() => {
  recent = new RecentDatagrams();
});

describe('Recent datagrams', () => {
  it('are known by equal bytes, wherever they lie in memory', () => {
    fc.assert(
      fc.property(kept, fc.nat(), fc.nat({ max: 9 }), (bytes, number, offset) => {
        keepTwice(bytes, number);
        const elsewhere = Buffer.concat([Buffer.alloc(offset, 'y'), bytes, Buffer.alloc(9)]);
        expect(recent.find(elsewhere.subarray(offset, offset + bytes.length))).toBe(number);
      }),
    );
  });

  it('are never taken for one that differs in a byte, wherever that is, or in its length', () => {
    fc.assert(
      fc.property(kept, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
        recent.clear();
        keepTwice(bytes, 7);
        const other = Buffer.from(bytes);
        other[at % bytes.length] = (other[at % bytes.length] ?? 0) ^ change;
        const others = [other, bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.alloc(1)])];
        for (const one of others) expect(recent.find(one)).toBeUndefined();
      }),
    );
  });

  it('have the number that they were last kept with, or none, whatever else is kept', () => {
    fc.assert(
      fc.property(fc.array(datagram, { maxLength: 40 }), (datagrams) => {
        recent.clear();
        const numbers = new Map<string, number>();
        for (const [number, bytes] of datagrams.entries()) {
          expect([undefined, numbers.get(bytes.toString('hex'))]).toContain(recent.find(bytes));
          keepTwice(bytes, number);
          numbers.set(bytes.toString('hex'), number);
        }
      }),
    );
  });

  it('are not known when nothing was kept, or no more', () => {
    const bytes = Buffer.alloc(100, 'x');
    for (const size of [0, 64, 100, 1_024]) expect(recent.find(Buffer.alloc(size))).toBeUndefined();
    keepTwice(bytes, 1);
    recent.clear();
    expect(recent.find(bytes)).toBeUndefined();
  });
});

describe('A place that another datagram takes', () => {
  /** They differ in one byte of the many by which no place is found. */
  const [one, other] = ['1', '2'].map((digit) => Buffer.from(`{"d":"a${digit}.example"}`.padEnd(1_000))) as [
    Buffer,
    Buffer,
  ];

  it('makes the one before unknown, and no more than that', () => {
    keepTwice(one, 1);
    keepTwice(other, 2);
    expect([recent.find(one), recent.find(other)]).toEqual([undefined, 2]);
    keepTwice(one, 1);
    expect([recent.find(one), recent.find(other)]).toEqual([1, undefined]);
  });

  it('changes nothing about the numbers that a table gives', () => {
    const table = new DatagramTable();
    const numbers = [one, other, one, other, other, one].map((bytes) => table.find(bytes) ?? table.add(bytes));
    expect(numbers).toEqual([0, 1, 0, 1, 1, 0]);
  });
});

describe('A place that others ask for in turns', () => {
  /** They differ in many bytes, so in those by which a place is found. */
  const numbered = (index: number): Buffer => Buffer.from(String(index).padStart(8, '0').repeat(12));

  /** The next one that takes the place of `one`. */
  function rivalOf(one: Buffer, after: number): number {
    for (let index = after + 1; ; index += 1) {
      keepTwice(one, 0);
      keepTwice(numbered(index), index);
      if (recent.find(one) === undefined) return index;
    }
  }

  it('stays whose it is until one of them comes twice', () => {
    const one = numbered(0);
    const rival = rivalOf(one, 0);
    const another = rivalOf(one, rival);
    keepTwice(one, 0);
    for (let times = 0; times < 3; times += 1) {
      recent.keep(numbered(rival), rival);
      recent.keep(numbered(another), another);
      expect(recent.find(one)).toBe(0);
    }
    recent.keep(numbered(another), another);
    expect([recent.find(one), recent.find(numbered(another))]).toEqual([undefined, another]);
  });
});
