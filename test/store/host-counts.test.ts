import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const [ONE, OTHER] = ['2026-11-18', '2026-11-19'] as [UtcDay, UtcDay];
const TODAY = '2026-11-20' as UtcDay;
const NEXT_YEAR = '2027-11-20' as UtcDay;

describe('How many reports each host was given today', () => {
  it('is nothing at first', async () => {
    const { hostCounts } = await Store.open(scratchDirectory());
    expect(hostCounts.totalsOn(TODAY)).toEqual(new Map());
  });

  it('adds up over outboxes and runs, each of which sees the total', async () => {
    const { hostCounts } = await Store.open(scratchDirectory());
    const seen: number[] = [];
    const add = (outbox: UtcDay): Promise<Map<string, number>> =>
      hostCounts.add(
        { outbox, day: TODAY },
        () => ['a.example'],
        (_host, total) => {
          seen.push(total);
          return 2;
        },
      );
    await Promise.all([add(ONE), add(OTHER), add(ONE)]);
    expect([seen, hostCounts.totalsOn(TODAY)]).toEqual([[0, 2, 4], new Map([['a.example', 6]])]);
  });

  it('begins anew for an outbox that is counted anew', async () => {
    const { hostCounts } = await Store.open(scratchDirectory());
    for (const outbox of [ONE, OTHER])
      await hostCounts.add(
        { outbox, day: TODAY },
        () => ['a.example', 'b.example'],
        () => 5,
      );
    await hostCounts.replace({ outbox: ONE, day: TODAY, reports: new Map([['a.example', 1]]) });
    expect(hostCounts.totalsOn(TODAY)).toEqual(
      new Map([
        ['a.example', 6],
        ['b.example', 5],
      ]),
    );
  });

  it('is not forgotten when a run with a wrong clock counts for another day, and of days no more than four are kept', async () => {
    const { hostCounts } = await Store.open(scratchDirectory());
    const reports = new Map([['a.example', 3]]);
    for (const outbox of [ONE, OTHER]) await hostCounts.replace({ outbox, day: TODAY, reports });
    await hostCounts.replace({ outbox: ONE, day: NEXT_YEAR, reports });
    await hostCounts.replace({ outbox: ONE, day: TODAY, reports: new Map([['a.example', 2]]) });
    expect([TODAY, NEXT_YEAR].map((day) => hostCounts.totalsOn(day).get('a.example'))).toEqual([5, 3]);
    const days = ['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24'] as UtcDay[];
    for (const day of days) await hostCounts.replace({ outbox: ONE, day, reports });
    expect([TODAY, NEXT_YEAR, ...days].map((day) => hostCounts.totalsOn(day).size)).toEqual([0, 0, 1, 1, 1, 1]);
  });
});
