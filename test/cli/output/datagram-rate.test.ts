import { describe, expect, it } from 'vitest';
import { DatagramRate } from '#cli/output/datagram-rate.ts';
import type { DayStatus } from '#pipeline/status/read-status.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

function days(counts: Readonly<Record<string, number>>): Pick<DayStatus, 'day' | 'collected'>[] {
  const collected = { datagrams: 0 } as DayStatus['collected'];
  return Object.entries(counts).map(([day, datagrams]) => ({
    day: day as UtcDay,
    collected: { ...collected, datagrams },
  }));
}

describe('DatagramRate', () => {
  it('says how many came in a second between two looks, on the day that began meanwhile too', () => {
    const rate = new DatagramRate();
    rate.note(days({ '2026-11-19': 100 }), 1_000);
    expect(rate.text()).toContain('| - a second, 0 at most');
    rate.note(days({ '2026-11-19': 150 }), 3_000);
    rate.note(days({ '2026-11-19': 151, '2026-11-20': 2 }), 5_000);
    expect(rate.text()).toMatch(/^datagrams {2}\| {48}#\.\| 1\.5 a second, 25 at most$/);
  });

  it('takes nothing back where a day was removed, or is smaller by now', () => {
    const rate = new DatagramRate();
    rate.note(days({ '2026-11-18': 70, '2026-11-19': 50 }), 0);
    rate.note(days({ '2026-11-19': 20 }), 1_000);
    expect(rate.text()).toContain('| 0 a second');
  });
});
