import { expect, it } from 'vitest';
import { durationText } from '#cli/output/duration-text.ts';

it.each([
  [-5, '0 seconds'],
  [1_500, '1 second'],
  [119_000, '119 seconds'],
  [120_000, '2 minutes'],
  [7_200_000, '2 hours'],
  [172_800_000, '2 days'],
])('a time of %i ms is said as %s', (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text);
});
