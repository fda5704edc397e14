import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { foldJournal } from '#store/durable/fold-journal.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader, sessionDayKind } from '#store/session-day.ts';
import { SessionDayWriter } from '#store/session-day-writer.ts';
import type { SessionChanges } from '#store/session-day-writer.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const PAGE_BYTES = 4_096;

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

function open(stem: string): SessionDayWriter {
  return SessionDayWriter.open({ sqlite, stem, identity: { day: DAY, origin: 'here' }, restore: () => undefined });
}

/** One session with each domain, numbered from `first` to `last`. */
function sessions(first: number, last: number): SessionChanges {
  const ids = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return {
    policies: ids.map((id) => ({
      id,
      domain: `d${String(id)}.example`,
      record: 'v=TLSRPTv1; rua=mailto:tls@example.com',
      policy: { type: 'sts', domain: `d${String(id)}.example`, strings: ['version: STSv1'], mxHosts: [] },
    })),
    failures: [],
    policyCounts: ids.flatMap((id) => [id, 1, 0]),
    failureCounts: [],
    counters: new Map([['datagrams', ids.length]]),
  };
}

/** A thousand sessions in the snapshot, ten more in the journal. */
function storedDay(): string {
  const stem = join(scratchDirectory(), DAY);
  const writer = open(stem);
  writer.append(sessions(1, 1_000));
  writer.continueFrom(foldJournal({ sqlite, stem, kind: sessionDayKind, finish: false }));
  writer.append(sessions(1_001, 1_010));
  writer.close();
  return stem;
}

function sessionsIn(stem: string): number {
  const reader = SessionDayReader.open(sqlite, stem);
  expect(reader?.integrityFaults()).toEqual([]);
  const tallies = [...(reader?.domainTallies() ?? [])];
  reader?.close();
  return tallies.flatMap(({ policies }) => policies).reduce((sum, { successful }) => sum + successful, 0);
}

function overwrite(path: string, from: number, to: number): void {
  writeFileSync(path, Buffer.from(readFileSync(path)).fill(0xff, from, to));
}

describe('A day that is damaged', () => {
  it('keeps its snapshot when the journal is', () => {
    const stem = storedDay();
    overwrite(`${stem}.journal`, 0, 16);
    const writer = open(stem);
    expect(writer.damage).toMatchObject({
      rows: 1_000,
      setAside: [`${DAY}.damaged-1.sqlite`, `${DAY}.damaged-1.journal`],
    });
    writer.append(sessions(2_001, 2_001));
    writer.close();
    expect(sessionsIn(stem)).toBe(1_001);
    expect(open(stem).damage).toBeUndefined();
  });

  it('keeps what lies before and behind damage in the middle of its journal', () => {
    const stem = storedDay();
    const writer = open(stem);
    for (let id = 1_011; id <= 1_020; id += 1) writer.append(sessions(id, id));
    writer.close();
    const middle = Math.floor(statSync(`${stem}.journal`).size / 2);
    overwrite(`${stem}.journal`, middle, middle + 20);
    const again = open(stem);
    again.close();
    expect(again.damage?.setAside).toContain(`${DAY}.damaged-1.journal`);
    expect(sessionsIn(stem)).toBeGreaterThanOrEqual(1_009);
    expect(sessionsIn(stem)).toBeLessThan(1_020);
  });

  it('keeps the whole journal when only its first bytes are damaged and nothing was folded yet', () => {
    const stem = join(scratchDirectory(), DAY);
    const writer = open(stem);
    writer.append(sessions(1, 10));
    writer.append(sessions(11, 12));
    writer.close();
    overwrite(`${stem}.journal`, 0, 12);
    const again = open(stem);
    again.close();
    expect(again.damage).toMatchObject({ rows: 12 });
    expect(sessionsIn(stem)).toBe(12);
  });

  it('is told as damage to those who read it', () => {
    const stem = storedDay();
    const pages = statSync(`${stem}.sqlite`).size / PAGE_BYTES;
    overwrite(`${stem}.sqlite`, 5 * PAGE_BYTES, (pages - 1) * PAGE_BYTES);
    expect(() => {
      sessionsIn(stem);
    }).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });

  it('keeps the rows before and behind a page that cannot be read, and the journal', () => {
    const stem = storedDay();
    const pages = statSync(`${stem}.sqlite`).size / PAGE_BYTES;
    const middle = Math.floor(pages / 2);
    overwrite(`${stem}.sqlite`, middle * PAGE_BYTES, (middle + 1) * PAGE_BYTES);
    const writer = open(stem);
    writer.close();
    expect(writer.damage).toBeDefined();
    expect(sessionsIn(stem)).toBeGreaterThan(900);
    expect(sessionsIn(stem)).toBeLessThan(1_010);
  });

  it('keeps what the journal says when nothing of the snapshot can be read', () => {
    const stem = storedDay();
    writeFileSync(`${stem}.sqlite`, 'this was a database');
    const writer = open(stem);
    writer.close();
    expect(sessionsIn(stem)).toBe(10);
  });

  it('counts nothing twice when the journal was folded already', () => {
    const stem = storedDay();
    foldJournal({ sqlite, stem, kind: sessionDayKind, finish: false });
    const last = statSync(`${stem}.sqlite`).size;
    overwrite(`${stem}.sqlite`, last - PAGE_BYTES, last);
    const writer = open(stem);
    writer.close();
    expect(writer.damage).toBeDefined();
    expect(sessionsIn(stem)).toBeLessThanOrEqual(1_010);
  });

  it('is kept aside as it was, each time under another name', () => {
    const stem = storedDay();
    copyFileSync(`${stem}.sqlite`, `${stem}.good`);
    for (const text of ['first damage', 'second damage']) {
      writeFileSync(`${stem}.sqlite`, text);
      open(stem).close();
    }
    const asides = readdirSync(dirname(stem)).filter((name) => name.includes('damaged'));
    expect(asides).toEqual([
      `${DAY}.damaged-1.journal`,
      `${DAY}.damaged-1.sqlite`,
      `${DAY}.damaged-2.journal`,
      `${DAY}.damaged-2.sqlite`,
    ]);
    expect(readFileSync(`${stem}.damaged-2.sqlite`, 'utf8')).toBe('second damage');
  });

  it('is not touched when it is the file of another program', () => {
    const stem = storedDay();
    const file = readFileSync(`${stem}.sqlite`);
    file.writeUInt32BE(0, 68); // the application id
    writeFileSync(`${stem}.sqlite`, file);
    expect(() => open(stem)).toThrow(expect.objectContaining({ code: 'store-wrong-schema' }));
    expect(readFileSync(`${stem}.sqlite`)).toEqual(file);
  });
});
