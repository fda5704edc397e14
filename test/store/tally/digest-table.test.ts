import { describe, expect, it } from 'vitest';
import { DigestTable } from '#pipeline/collect/digest-table.ts';

describe('A digest table', () => {
  it('numbers texts in the order in which they come, and knows each again', () => {
    const table = new DigestTable();
    const texts = Array.from({ length: 5_000 }, (_, index) => `text ${String(index)}`);
    const numbers = texts.map((text) => {
      expect(table.find(text)).toBeUndefined();
      return table.addLast();
    });
    expect(numbers).toEqual(texts.map((_, index) => index));
    expect(texts.map((text) => table.find(text))).toEqual(numbers);
    expect([table.size, table.find('another')]).toEqual([5_000, undefined]);
  });
});
