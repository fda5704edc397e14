import { describe, expect, it } from 'vitest';
import { giveBackLargeMemory } from '#support/large-memory.ts';

describe('Memory in large pieces', () => {
  it('goes back to the system where the C library has the choice', () => {
    const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
    expect(giveBackLargeMemory()).toBe(header.glibcVersionRuntime !== undefined);
  });
});
