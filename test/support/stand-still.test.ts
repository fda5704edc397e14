import { describe, expect, it } from 'vitest';
import { standStill } from '#support/stand-still.ts';

describe('Standing still', () => {
  it('lasts as long as it is told to', () => {
    const before = process.hrtime.bigint();
    standStill(20);
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeGreaterThanOrEqual(19.9);
  });
});
