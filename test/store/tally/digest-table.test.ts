import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestOf, DigestTable } from '#store/tally/digest-table.ts';

describe('A digest table', () => {
  it('numbers texts in the order in which they come, and knows each again', () => {
    const table = new DigestTable();
    const digests = Array.from({ length: 5_000 }, (_, index) => digestOf(`text ${String(index)}`));
    const numbers = digests.map((digest) => {
      expect(table.find(digest)).toBeUndefined();
      return table.add(digest);
    });
    expect(numbers).toEqual(digests.map((_, index) => index + 1));
    expect(digests.map((digest) => table.find(digest))).toEqual(numbers);
    expect([table.size, table.find(digestOf('another'))]).toEqual([5_000, undefined]);
  });

  it('goes on behind the highest number that it was given', () => {
    const table = new DigestTable();
    table.add(digestOf('a'), 7_000);
    table.add(digestOf('b'), 3);
    expect([table.add(digestOf('c')), table.find(digestOf('a')), table.find(digestOf('b'))]).toEqual([7_001, 7_000, 3]);
  });

  it('knows texts by what nobody else can compute', () => {
    const texts = Array.from({ length: 8 }, (_, index) => `${String(index)}.example`);
    const found = texts.map((text) => Buffer.from(digestOf(text).buffer).toString('hex'));
    expect(found.filter((digest, index) => digest.startsWith(hash('sha256', texts[index] ?? '').slice(0, 32)))).toEqual(
      [],
    );
  });
});
