import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberLists } from '#pipeline/collect/number-lists.ts';

describe('Number lists', () => {
  it('hand out each list as it was put in', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(), { maxLength: 300 })), (lists) => {
        const all = new NumberLists(1_000_000);
        const starts = lists.map((list) => all.add(list));
        const read = starts.map((start) =>
          Array.from({ length: all.lengthAt(start) }, (_, index) => all.at(start, index)),
        );
        expect(read).toEqual(lists);
      }),
    );
  });

  it('are full at their limit, and empty again once they are cleared', () => {
    const lists = new NumberLists(4);
    lists.add([1, 2]);
    expect(lists.isFull).toBe(false);
    lists.add([3]);
    expect(lists.isFull).toBe(true);
    lists.clear();
    expect([lists.isFull, lists.add([9])]).toEqual([false, 0]);
  });
});
