import { describe, expect, it } from 'vitest';
import { systemUptime } from '#support/uptime.ts';

describe('The time for which the machine has been up', () => {
  it('goes on from look to look within one boot', () => {
    const [first, second] = [systemUptime(), systemUptime()];
    expect(second.boot).toBe(first.boot);
    expect(first.upMs).toBeGreaterThan(0);
    expect(second.upMs).toBeGreaterThanOrEqual(first.upMs);
  });
});
