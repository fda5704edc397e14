import { describe, expect, it } from 'vitest';
import { givingTurns } from '#support/giving-turns.ts';

describe('givingTurns', () => {
  it('passes everything on, and lets others have their turn in between', async () => {
    const seen: (number | string)[] = [];
    setImmediate(() => seen.push('another'));
    for await (const value of givingTurns([1, 2, 3, 4], { valuesPerTurn: 2 })) seen.push(value);
    expect(seen).toEqual([1, 2, 'another', 3, 4]);
  });

  it('ends with the reason once nobody waits', async () => {
    const waiting = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const value of givingTurns([1, 2, 3, 4], { valuesPerTurn: 2, signal: waiting.signal })) {
        seen.push(value);
        waiting.abort(new Error('its time is over'));
      }
    })();
    await expect(reading).rejects.toThrow('its time is over');
    expect(seen).toEqual([1, 2]);
  });
});
