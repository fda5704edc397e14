import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const [ONE, OTHER] = ['2026-11-18', '2026-11-19'] as [UtcDay, UtcDay];
const TODAY = '2026-11-20' as UtcDay;
const TOMORROW = '2026-11-21' as UtcDay;

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

  it('begins anew for an outbox that is counted anew, and on the next day', async () => {
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
    await hostCounts.replace({ outbox: ONE, day: TOMORROW, reports: new Map() });
    expect([hostCounts.totalsOn(TODAY), hostCounts.totalsOn(TOMORROW)]).toEqual([new Map(), new Map()]);
  });
});
