import { describe, expect, it } from 'vitest';
import { SourceTimes } from '#pipeline/fetch/source-times.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

describe('The time of a source', () => {
  const clock = new ManualClock('2026-11-20T06:00:00Z');

  /** Returns what it had left when it was asked. */
  function ask(times: SourceTimes, source: string, tookMs: number): Promise<number> {
    return times.whileAsked(source, (leftMs) => {
      clock.advance(tookMs);
      return Promise.resolve(leftMs);
    });
  }

  it('is used up by what it takes, also where asking fails, and is its own', async () => {
    const times = new SourceTimes(1_000, clock);
    expect(await ask(times, 'mx1', 400)).toBe(1_000);
    const failing = times.whileAsked('mx1', () => {
      clock.advance(500);
      return Promise.reject(new Error('it fails'));
    });
    await expect(failing).rejects.toThrow('it fails');
    expect(await ask(times, 'mx2', 0)).toBe(1_000);
    expect([await ask(times, 'mx1', 5_000), times.isOver('mx1'), times.isOver('mx2')]).toEqual([100, true, false]);
  });

  it('is all there again once it has given a day, and does not care for a clock that is set', async () => {
    const times = new SourceTimes(1_000, clock);
    await ask(times, 'mx1', 900);
    times.renew('mx1');
    await times.whileAsked('mx1', () => {
      clock.jump(86_400_000);
      return Promise.resolve();
    });
    expect(await ask(times, 'mx1', 0)).toBe(1_000);
  });
});
