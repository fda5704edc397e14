import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemDisk } from '#support/disk.ts';
import { databasePaths } from '#store/durable/database-file.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { IN_DOUBT, IS_IN } from '#store/sessions/piece-counters.ts';
import { salvageDay, setAside } from '#store/sessions/salvage-day.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import { writeDay } from '#test/support/day-files.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { overwriteCounters } from '#test/support/moved-days.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const PAGE_BYTES = 4_096;
const IDENTITY = { day: DAY, origin: 'here' };

let context: DatabaseContext;

beforeAll(async () => {
  context = { sqlite: await loadSqlite(), disk: systemDisk };
});

function datagrams(first: number, last: number): Buffer[] {
  return Array.from({ length: last - first + 1 }, (_, index) =>
    makeDatagram({ domain: `d${String(first + index)}.example` }),
  );
}

/** A thousand sessions in the snapshot, ten more in the journals. */
function storedDay(): string {
  const stem = join(scratchDirectory(), DAY);
  writeDay(context, { stem, identity: IDENTITY, datagrams: datagrams(1, 1_000), ending: 'checkpointed' });
  writeDay(context, { stem, identity: IDENTITY, datagrams: datagrams(1_001, 1_010), ending: 'open' });
  return stem;
}

function sessionsIn(stem: string): number {
  const reader = SessionDayReader.open(context, stem);
  expect(reader?.integrityFaults()).toEqual([]);
  const tallies = [...(reader?.domainTallies() ?? [])];
  reader?.close();
  return tallies.flatMap(({ policies }) => policies).reduce((sum, { successful }) => sum + successful, 0);
}

function overwrite(path: string, from: number, to: number): void {
  writeFileSync(path, Buffer.from(readFileSync(path)).fill(0xff, from, to));
}

describe('A day whose snapshot is damaged', () => {
  it('keeps the rows before and behind a page that cannot be read, and what the journals say', () => {
    const stem = storedDay();
    const middle = Math.floor(statSync(`${stem}.sqlite`).size / PAGE_BYTES / 2);
    overwrite(`${stem}.sqlite`, middle * PAGE_BYTES, (middle + 1) * PAGE_BYTES);
    const { setAside, rows } = salvageDay(context, databasePaths(stem), 3);
    expect(setAside).toBe(`${DAY}.damaged-1.sqlite`);
    expect(rows).toBeGreaterThan(800);
    expect(sessionsIn(stem)).toBe(rows + 10);
  });

  it('keeps what the journals say when nothing of the snapshot can be read', () => {
    const stem = storedDay();
    writeFileSync(`${stem}.sqlite`, 'this was a database');
    expect(salvageDay(context, databasePaths(stem), 3).rows).toBe(0);
    expect(sessionsIn(stem)).toBe(10);
  });

  it('is kept aside as it was, each time under another name', () => {
    const stem = storedDay();
    for (const text of ['first damage', 'second damage']) {
      writeFileSync(`${stem}.sqlite`, text);
      salvageDay(context, databasePaths(stem), 3);
    }
    const asides = readdirSync(dirname(stem)).filter((name) => name.includes('damaged'));
    expect(asides).toEqual([`${DAY}.damaged-1.sqlite`, `${DAY}.damaged-2.sqlite`]);
    expect(readFileSync(`${stem}.damaged-2.sqlite`, 'utf8')).toBe('second damage');
  });

  it('is set aside once, however often that is tried', () => {
    const stem = storedDay();
    expect(setAside(systemDisk, `${stem}.sqlite`)).toBe(`${DAY}.damaged-1.sqlite`);
    expect(setAside(systemDisk, `${stem}.sqlite`)).toBe(`${DAY}.damaged-1.sqlite`);
  });

  it.each([
    [
      'lost',
      { 'moved-1': IS_IN, 'moved-2': IN_DOUBT },
      (stem: string) => {
        overwriteCounters(context, `${stem}.sqlite`);
      },
    ],
    [
      'read',
      { 'moved-1': IS_IN },
      (stem: string) => {
        overwrite(`${stem}.sqlite`, 20 * PAGE_BYTES, 21 * PAGE_BYTES);
      },
    ],
  ])('has each piece that it had, and where its counters were %s %j', (_, expected, damage) => {
    const stem = storedDay();
    for (const name of ['1.counted', '2.counting', '3']) writeFileSync(`${stem}.moved-${name}.sqlite`, '');
    damage(stem);
    salvageDay(context, databasePaths(stem), 3);
    const reader = SessionDayReader.open(context, stem);
    const counters = [...(reader?.counters() ?? [])].filter(([name]) => name.startsWith('moved-'));
    reader?.close();
    expect(Object.fromEntries(counters)).toEqual(expected);
  });
});
