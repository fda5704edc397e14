import { expect, it } from 'vitest';
import { sumOf } from '#support/sum-of.ts';

it('adds up what there is', () => {
  expect([sumOf([1, 2, 3.5]), sumOf([])]).toEqual([6.5, 0]);
});
