import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeOrdered } from '#support/merge-ordered.ts';

function inByteOrder(values: readonly string[]): string[] {
  return [...values].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

describe('mergeOrdered', () => {
  it('brings out together what has the same key, stream by stream', () => {
    const streams = [['a1', 'a2', 'c1'], ['b3', 'c3'], ['a4']];
    expect([...mergeOrdered(streams, ([key = '']) => key)]).toEqual([
      { key: 'a', values: ['a1', 'a2', 'a4'] },
      { key: 'b', values: ['b3'] },
      { key: 'c', values: ['c1', 'c3'] },
    ]);
  });

  it('has nothing to bring out of nothing', () => {
    expect([...mergeOrdered<string>([], (value) => value)]).toEqual([]);
    expect([...mergeOrdered<string>([[], []], (value) => value)]).toEqual([]);
  });

  it('keeps each value, and each key once, in the order of the bytes', () => {
    const streams = fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 3 })));
    fc.assert(
      fc.property(streams, (unordered) => {
        const ordered = unordered.map(inByteOrder);
        const merged = [...mergeOrdered(ordered, (value) => value)];
        expect(merged.map(({ key }) => key)).toEqual(inByteOrder([...new Set(unordered.flat())]));
        expect(merged.flatMap(({ values }) => values)).toEqual(inByteOrder(unordered.flat()));
      }),
    );
  });

  it('refuses a stream that is not in order: one key would come out twice', () => {
    expect(() => [...mergeOrdered([['b', 'a'], ['a']], (value) => value)]).toThrow('"a" comes after "b"');
  });

  it('takes no more from a stream than it needs', () => {
    const taken: string[] = [];
    function* stream(): Generator<string> {
      for (const value of ['a', 'b', 'c']) {
        taken.push(value);
        yield value;
      }
    }
    expect(mergeOrdered([stream()], (value) => value).next().value).toEqual({ key: 'a', values: ['a'] });
    expect(taken).toEqual(['a', 'b']);
  });
});
