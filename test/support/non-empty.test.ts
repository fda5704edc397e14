import { expect, it } from 'vitest';
import { nonEmpty } from '#support/non-empty.ts';

it('gives all values back', () => {
  expect([...(nonEmpty([1, 2, 3]) ?? [])]).toEqual([1, 2, 3]);
  expect([...(nonEmpty([undefined]) ?? [])]).toEqual([undefined]);
});

it('gives undefined for none', () => {
  expect(nonEmpty([])).toBeUndefined();
});

it('looks at the first value alone', () => {
  let looks = 0;
  function* values(): Generator<number> {
    for (;;) yield (looks += 1);
  }
  expect(nonEmpty(values())).toBeDefined();
  expect(looks).toBe(1);
});
