import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { formatFrame, formatHeader, HEADER_BYTES } from '#store/durable/journal-format.ts';
import { JournalReader } from '#store/durable/journal-reader.ts';
import type { Change } from '#store/durable/journal-format.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

let directory: string;

beforeEach(() => {
  directory = scratchDirectory();
});

const parameter = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.string(), fc.dictionary(fc.string(), parameter, { noNullPrototype: true })),
  fc.tuple(fc.string(), fc.array(fc.string(), { minLength: 1 }), fc.array(parameter)),
);
const transactions = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 5 });

interface JournalContent {
  readonly generation: number;
  readonly transactions: readonly (readonly Change[])[];
  readonly wholeBytes: number;
}

/** What a file of these bytes says; undefined when they are no journal. */
function readJournal(bytes: Buffer): JournalContent | undefined {
  const path = join(directory, 'test.journal');
  writeFileSync(path, bytes);
  const reader = JournalReader.open(path);
  if (reader?.generation === undefined) return undefined;
  const transactions = [...reader.transactions()].map((changes) => [...changes]);
  const { generation, wholeBytes } = reader;
  reader.close();
  return { generation, transactions, wholeBytes };
}

function journalOf(generation: number, content: readonly (readonly Change[])[]): Buffer {
  return Buffer.concat([formatHeader(generation), ...content.map(formatFrame)]);
}

describe('A journal', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), transactions, (generation, content) => {
        const bytes = journalOf(generation, content);
        expect(readJournal(bytes)).toEqual({ generation, transactions: content, wholeBytes: bytes.length });
      }),
    );
  });

  it('keeps every transaction before a torn one, wherever it is torn', () => {
    const whole: Change[][] = [
      [['add', { key: 'a\n"ü\u2028', value: 1 }]],
      [
        ['remove', { key: 'a' }],
        ['add', { key: 'b', value: null }],
      ],
    ];
    const wholeBytes = journalOf(7, whole).length;
    const bytes = journalOf(7, [...whole, [['add', { key: 'c', value: 3 }]]]);
    for (let length = wholeBytes; length < bytes.length; length += 1)
      expect(readJournal(bytes.subarray(0, length))).toEqual({ generation: 7, transactions: whole, wholeBytes });
  });

  it('keeps nothing of a transaction with a flipped bit, and all of what follows it', () => {
    const content: Change[][] = [
      [['add', { key: 'a', value: 1 }]],
      [['add', { key: 'b', value: 2 }]],
      [['add', { key: 'c', value: 3 }]],
    ];
    const bytes = journalOf(1, content);
    const firstEnd = journalOf(1, content.slice(0, 1)).length;
    const secondEnd = journalOf(1, content.slice(0, 2)).length;
    fc.assert(
      fc.property(fc.integer({ min: firstEnd, max: secondEnd - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
        expect(readJournal(flipped)?.transactions).toEqual([content[0], content[2]]);
      }),
    );
  });

  it('is none when its header is damaged or cut short', () => {
    const bytes = journalOf(1, [[['add', { key: 'a', value: 1 }]]]);
    for (let at = 0; at < HEADER_BYTES; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
      expect(readJournal(flipped)).toBeUndefined();
      expect(readJournal(bytes.subarray(0, at))).toBeUndefined();
    }
  });

  it('takes a run of zero bytes at the end for torn', () => {
    const bytes = journalOf(1, [[['add', { key: 'a', value: 1 }]]]);
    expect(readJournal(Buffer.concat([bytes, Buffer.alloc(64)]))?.wholeBytes).toBe(bytes.length);
  });

  it('never throws, whatever follows the header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        expect(readJournal(Buffer.concat([formatHeader(3), tail]))?.generation).toBe(3);
      }),
    );
  });
});
