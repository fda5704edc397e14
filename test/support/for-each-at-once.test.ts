import { describe, expect, it } from 'vitest';
import { forEachAtOnce } from '#support/for-each-at-once.ts';

describe('forEachAtOnce', () => {
  const patient = { atOnce: 3, placeMs: 60_000 };

  it('runs the job for each value, so many at once', async () => {
    const [begun, underWay]: [number[], number[]] = [[], []];
    let most = 0;
    await forEachAtOnce([1, 2, 3, 4, 5, 6, 7], patient, async (value) => {
      begun.push(value);
      underWay.push(value);
      most = Math.max(most, underWay.length);
      await Promise.resolve();
      underWay.pop();
    });
    expect([begun, most]).toEqual([[1, 2, 3, 4, 5, 6, 7], 3]);
  });

  it('waits for jobs that gave their place away', async () => {
    const ended: string[] = [];
    let endSlow: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (endSlow = resolve));
    await forEachAtOnce(['slow', 'quick'], { atOnce: 1, placeMs: 1 }, async (value) => {
      if (value === 'slow') await slow;
      ended.push(value);
      endSlow();
    });
    expect(ended).toEqual(['quick', 'slow']);
  });

  it.each([1, 60_000])('rejects when a job does, also a late one: %i ms', async (placeMs) => {
    const running = forEachAtOnce([1, 2], { atOnce: 1, placeMs }, async (value) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (value === 1) throw new Error('broken');
    });
    await expect(running).rejects.toThrow('broken');
  });
});
