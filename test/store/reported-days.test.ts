import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

const GOOD = makeDatagram({ domain: 'good.example' });
const EARLIER = '2026-11-18' as UtcDay;

async function collected(): Promise<CollectedDays> {
  const days = await CollectedDays.make();
  days.collect([GOOD]);
  return days;
}

function note({ store }: CollectedDays, leftMs?: number, day = DAY): void {
  store.reportedDays.note(day, store.reportedDays.versionOf(day), leftMs);
}

describe('ReportedDays', () => {
  it('knows of no day before one was noted', async () => {
    expect((await collected()).store.reportedDays.read(DAY)).toBeUndefined();
  });

  it('knows of each day that was noted, and whether some of it was left', async () => {
    const days = await collected();
    days.collect([GOOD], { day: EARLIER });
    note(days, 5, EARLIER);
    note(days);
    expect(days.store.reportedDays.read(EARLIER)?.leftSinceMs).toBe(5);
    expect(days.store.reportedDays.read(DAY)).toEqual({ version: days.store.reportedDays.versionOf(DAY) });
  });

  it.each([
    [
      'this host',
      (days: CollectedDays) => {
        days.collect([GOOD]);
      },
    ],
    [
      'another host',
      (days: CollectedDays) => {
        days.fetch('mx2', [GOOD]);
      },
    ],
  ])('forgets a day of which more comes from %s', async (_, add) => {
    const days = await collected();
    note(days);
    add(days);
    expect(days.store.reportedDays.read(DAY)).toBeUndefined();
  });

  it('does not take for reported what came while the day was read', async () => {
    const days = await collected();
    const { reportedDays } = days.store;
    const version = reportedDays.versionOf(DAY);
    days.collect([GOOD]);
    reportedDays.note(DAY, version, undefined);
    expect(reportedDays.read(DAY)).toBeUndefined();
  });

  it('keeps the first time at which some was left, until nothing is or more comes', async () => {
    const days = await collected();
    const leftSinceMs = (): number | undefined => days.store.reportedDays.read(DAY)?.leftSinceMs;
    note(days, 5);
    note(days, 9);
    expect(leftSinceMs()).toBe(5);
    days.collect([GOOD]);
    note(days, 9);
    expect(leftSinceMs()).toBe(9);
    note(days);
    expect(leftSinceMs()).toBeUndefined();
  });

  it('forgets days of which nothing is here any more', async () => {
    const days = await collected();
    note(days, undefined, EARLIER);
    expect(days.store.reportedDays.read(EARLIER)).toBeDefined();
    note(days);
    expect(days.store.reportedDays.read(EARLIER)).toBeUndefined();
  });

  it.each(['', '{', '[]', '{"2026-11-19":5}'])('begins anew where the file is %s', async (text) => {
    const days = await collected();
    writeFileSync(join(days.store.path, 'reported-days.json'), text);
    expect(days.store.reportedDays.read(DAY)).toBeUndefined();
    note(days);
    expect(days.store.reportedDays.read(DAY)).toBeDefined();
  });
});
