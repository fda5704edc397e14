import { expect, it } from 'vitest';
import { isDue } from '#support/is-due.ts';

it.each([
  [undefined, 0, true], // never happened
  [1_000, 1_000, false],
  [1_000, 1_099, false],
  [1_000, 1_100, true],
  [1_000, 999, true], // the clock was set back
])('what last happened at %s is due at %i every 100 ms: %s', (lastMs, nowMs, expected) => {
  expect(isDue(lastMs, 100, nowMs)).toBe(expected);
});
