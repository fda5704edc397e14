import { describe, expect, it } from 'vitest';
import { groupConsecutive } from '#support/group-consecutive.ts';
import type { Group } from '#support/group-consecutive.ts';

describe('groupConsecutive', () => {
  const groupsOf = (values: Iterable<string>): Generator<Group<string>, void> =>
    groupConsecutive(values, (value) => value.slice(0, 1));

  it('brings together what follows each other', () => {
    const groups = Array.from(groupsOf(['a1', 'a2', 'b1', 'a3']), ({ key, values }) => [key, [...values]]);
    expect(groups).toEqual([
      ['a', ['a1', 'a2']],
      ['b', ['b1']],
      ['a', ['a3']],
    ]);
    expect([...groupsOf([])]).toEqual([]);
  });

  it('passes over what nobody took', () => {
    const firsts = Array.from(groupsOf(['a1', 'a2', 'a3', 'b1', 'b2']), ({ values }) => values.next().value);
    expect(firsts).toEqual(['a1', 'b1']);
    const broken: string[] = [];
    for (const { values } of groupsOf(['a1', 'a2', 'b1'])) {
      for (const value of values) {
        broken.push(value);
        break;
      }
    }
    expect(broken).toEqual(['a1', 'b1']);
  });

  it('reads no further than one value behind the one that was taken', () => {
    let read = 0;
    function* endless(): Generator<string> {
      for (; ; read += 1) yield 'a';
    }
    const { value } = groupsOf(endless()).next();
    for (let taken = 0; taken < 10; taken += 1) value?.values.next();
    expect(read).toBe(10);
  });
});
