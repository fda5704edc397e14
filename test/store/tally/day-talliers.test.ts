import { expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { Quarantine } from '#store/quarantine.ts';
import { DayTalliers } from '#store/tally/day-talliers.ts';
import type { TallyNews } from '#store/tally/day-talliers.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

it('Talliers that end while a day is in trouble do not say that it is over', async () => {
  const disk = new SimulatedDisk();
  const news: TallyNews[] = [];
  const talliers = new DayTalliers({
    sqlite: await loadSqlite(),
    disk,
    stemOf: (day) => `/state/sessions/${day}`,
    quarantine: new Quarantine('/state/quarantine', disk),
    tell: (each) => news.push(each),
    clock: new ManualClock('2026-11-20T00:00:00Z'),
  });
  talliers.end('2026-11-19' as UtcDay, true);
  disk.faults.failNext('makeDirectory', { errno: 'EIO' });
  expect(talliers.step()).toBe(false);
  talliers.close();
  expect(news.map(({ kind }) => kind)).toEqual(['trouble']);
});
