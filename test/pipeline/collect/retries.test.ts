import { describe, expect, it } from 'vitest';
import { Retries } from '#pipeline/collect/retries.ts';
import type { Step } from '#pipeline/collect/retries.ts';

/** How long it is waited after each of so many refusals in a row. */
function waitsOf(step: Step, refusals: number): number[] {
  const retries = new Retries();
  return Array.from({ length: refusals }, () => {
    retries.noteRefused(step, 5_000);
    return retries.atMs(step) - 5_000;
  });
}

describe('A step that the disk refuses', () => {
  it.each(['open', 'write'] as const)('is tried again each second: %s', (step) => {
    expect(waitsOf(step, 3)).toEqual([1_000, 1_000, 1_000]);
  });

  it('is tried less and less often when it is a sync, at least once a minute', () => {
    expect(waitsOf('sync', 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('keeps no other from being tried', () => {
    const retries = new Retries();
    expect(retries.areSomeRefused).toBe(false);
    retries.noteRefused('sync', 5_000);
    retries.noteRefused('write', 5_000);
    expect([retries.areSomeRefused, retries.atMs('open')]).toEqual([true, 0]);
    retries.noteDone('write');
    expect([retries.areSomeRefused, retries.atMs('write')]).toEqual([true, 0]);
    retries.noteDone('sync');
    expect(retries.areSomeRefused).toBe(false);
  });
});
