import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberLists } from '#store/tally/number-lists.ts';

describe('Number lists', () => {
  it('hand out each list as it was put in, also after they were cleared', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 0x7fffffff }), { maxLength: 300 })), (lists) => {
        const all = new NumberLists();
        all.add([1, 2, 3]);
        all.clear();
        const starts = lists.map((list) => all.add(list));
        const read = starts.map((start) =>
          Array.from({ length: all.lengthAt(start) }, (_, index) => all.at(start, index)),
        );
        expect(read).toEqual(lists);
      }),
    );
  });

  it('take no more memory than they need, and give it back', () => {
    const all = new NumberLists();
    const list = Array.from({ length: 9_000 }, (_, index) => index);
    const places = Array.from({ length: 150 }, () => all.add(list));
    expect(places.map((place) => [all.lengthAt(place), all.at(place, 8_999)])).toEqual(
      places.map(() => [9_000, 8_999]),
    );
    expect(all.capacity).toBeLessThan(150 * 9_001 * 1.25);
    all.clear();
    expect(all.capacity).toBe(0);
  });
});
