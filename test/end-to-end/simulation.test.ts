import { describe, expect, it } from 'vitest';
import { simulate } from '#test/support/simulation/simulate.ts';

const SEEDS = 50;
const LINES_TOLD = 15;

describe('A collector in which everything goes wrong that can', () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))('keeps its promises, seed %i', async (seed) => {
    const { failure, trace } = await simulate(seed);
    const told = `${trace.slice(-LINES_TOLD).join('\n')}\nnpm run simulate -- --seed ${String(seed)}`;
    expect(failure, told).toBeUndefined();
  });

  it('lives the same life whenever it has the same seed', async () => {
    const [one, other] = [await simulate(3), await simulate(3)];
    expect(one.trace.join('\n')).toBe(other.trace.join('\n'));
  });
});
