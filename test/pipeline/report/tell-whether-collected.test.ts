import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { tellWhetherCollected } from '#pipeline/report/tell-whether-collected.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

const EARLIER = '2026-11-18' as UtcDay;
const GOOD = [makeDatagram({ domain: 'good.example' })];

async function daysMade(at: string): Promise<CollectedDays> {
  const days = await CollectedDays.make();
  days.store.identity();
  utimesSync(join(days.store.path, 'identity'), new Date(at), new Date(at));
  return days;
}

function told({ store }: CollectedDays, hasSources = false): string[] {
  const logged: LogEvent[] = [];
  const isCollected = tellWhetherCollected({ store, day: DAY, log: (event) => logged.push(event) }, hasSources);
  expect(isCollected).toBe(logged.length === 0);
  return logged.map(({ name }) => name);
}

describe('tellWhetherCollected', () => {
  it('is silent about a day that was collected', async () => {
    const days = await daysMade('2026-11-01');
    days.collect(GOOD);
    expect(told(days)).toEqual([]);
  });

  it('says that a day has no file though the state directory is older', async () => {
    expect(told(await daysMade('2026-11-01'))).toEqual(['day-not-collected']);
  });

  it('says so when an earlier day was collected, however new the directory looks', async () => {
    const days = await daysMade('2026-11-25');
    days.collect(GOOD, { day: EARLIER });
    expect(told(days)).toEqual(['day-not-collected']);
  });

  it('says so beside the days of other hosts, where this host collects too', async () => {
    const days = await daysMade('2026-11-01');
    days.collect(GOOD, { day: EARLIER });
    days.fetch('mx2', GOOD);
    expect(told(days, true)).toEqual(['day-not-collected']);
  });

  it('is silent about a day before the state directory was made', async () => {
    expect(told(await daysMade('2026-11-19T08:00:00Z'))).toEqual([]);
  });

  it('is silent where other hosts alone are reported on', async () => {
    const days = await daysMade('2026-11-01');
    expect(told(days, true)).toEqual([]);
    days.fetch('mx2', GOOD);
    expect(told(days)).toEqual([]);
  });
});
