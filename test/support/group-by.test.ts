import { describe, expect, it } from 'vitest';
import { groupBy } from '#support/group-by.ts';

describe('groupBy', () => {
  it('brings elements of one key together, in the order in which they come', () => {
    const groups = groupBy(['ab', 'ba', 'ac'], (word) => word.charAt(0));
    expect([...groups]).toEqual([
      ['a', ['ab', 'ac']],
      ['b', ['ba']],
    ]);
  });

  it('has no groups where there is nothing', () => {
    expect(groupBy([], String).size).toBe(0);
  });
});
