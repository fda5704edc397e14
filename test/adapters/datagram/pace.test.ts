import { describe, expect, it } from 'vitest';
import { Pace } from '#adapters/datagram/pace.ts';

describe('The pace at which datagrams come', () => {
  it('is fast once twenty have come within a millisecond', () => {
    let nowMs = 5;
    const pace = new Pace({ nowMs: () => nowMs });
    expect([8, 11, 1, 0].map((count) => pace.isFast(count))).toEqual([false, false, true, true]);
    nowMs = 6;
    expect([0, 14, 6].map((count) => pace.isFast(count))).toEqual([false, false, true]);
    nowMs = 7;
    expect(pace.isFast(19)).toBe(false);
  });
});
