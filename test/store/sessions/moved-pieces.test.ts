/**
 * Whatever becomes of a piece and of what says that it is counted: it may cost itself, and counts never twice.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { readStatus } from '#pipeline/status/read-status.ts';
import { FileBytes } from '#store/durable/file-bytes.ts';
import { loadSqlite, SqliteDatabase } from '#store/durable/sqlite.ts';
import { piecesOf } from '#store/sessions/piece-names.ts';
import type { DayNews } from '#store/tally/day-news.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';
import { systemClock } from '#support/clock.ts';
import { systemDisk } from '#support/disk.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { writeDay } from '#test/support/day-files.ts';
import { counted, elsewhere, failedSessions, overwriteCounters, sumsIn } from '#test/support/moved-days.ts';
import { startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const context = { sqlite: await loadSqlite(), disk: systemDisk };
const NEXT_DAY = '2026-11-20' as UtcDay;
const PAGE_BYTES = 4_096;

function listenOn(path: string): Promise<void> {
  return new Promise((resolve) => {
    createServer().unref().listen(path, resolve);
  });
}

describe('A piece of a day', () => {
  let days: CollectedDays;
  let stem: string;

  beforeEach(async () => {
    days = await CollectedDays.make();
    stem = join(days.store.path, 'sessions', DAY);
  });

  const own = (): Record<string, number> => sumsIn(days.store.sessions.read(DAY));
  function shortOf(): string[] {
    const reader = days.store.sessions.read(DAY);
    const problems = reader?.movedLeftOut() ?? [];
    reader?.close();
    return problems.map(({ phrase }) => phrase);
  }
  const states = (): string[] => piecesOf(systemDisk, stem).map(({ number, state }) => `${String(number)} ${state}`);

  async function take(...datagrams: readonly Buffer[][]): Promise<string> {
    return days.store.moved.take(DAY, await counted(...datagrams)).kind;
  }

  async function move(...datagrams: readonly Buffer[][]): Promise<string> {
    const kind = await take(...datagrams);
    await days.store.moved.settle(DAY, true);
    return kind;
  }

  function collectOn(ending: 'open' | 'closed', ...datagrams: readonly Buffer[][]): void {
    const identity = { day: DAY, origin: days.store.identity() };
    writeDay(context, { stem, identity, datagrams: datagrams.flat(), ending });
  }

  /** As a collector does that finds it when it starts. */
  function close(): DayNews[] {
    const news: DayNews[] = [];
    const tallier = new DayTallier({ ...context, stem, news: (one) => news.push(one), clock: systemClock });
    tallier.end(false);
    while (tallier.step());
    tallier.close();
    return news;
  }

  function change(file: string, sql: string): void {
    const bytes = new FileBytes(systemDisk, file, 'read-write');
    const database = new SqliteDatabase(context.sqlite, bytes, 'discardable');
    database.execute(sql);
    database.close();
  }

  function damage(file: string): void {
    writeFileSync(file, Buffer.from(readFileSync(file)).fill(7, PAGE_BYTES, 3 * PAGE_BYTES));
  }

  it('is named as counted once the day has it', async () => {
    await take(failedSessions('a.example', 3));
    expect(states()).toEqual(['1 waiting']);
    expect(close().at(-1)).toEqual({ kind: 'closed', wasClosed: false });
    expect([own(), states()]).toEqual([{ 'a.example': 3 }, ['1 counted']]);
    const before = systemDisk.status(`${stem}.sqlite`);
    expect(close().at(-1)).toEqual({ kind: 'closed', wasClosed: true });
    expect(systemDisk.status(`${stem}.sqlite`)).toEqual(before);
  });

  it('does not count again when the counter is lost that says so', async () => {
    await move(failedSessions('a.example', 3));
    change(`${stem}.sqlite`, "UPDATE counters SET name = 'moved-0' WHERE name = 'moved-1'");
    expect(own()).toEqual({ 'a.example': 3 });
    expect(await move(failedSessions('a.example', 3))).toBe('nothing-new');
    collectOn('closed', failedSessions('b.example', 1));
    expect(own()).toEqual({ 'a.example': 3, 'b.example': 1 });
  });

  it('does not count again when a day is salvaged whose counters cannot be read, which know of it again then', async () => {
    await move(failedSessions('a.example', 3));
    overwriteCounters(context, `${stem}.sqlite`);
    collectOn('closed', failedSessions('b.example', 1));
    expect(own()).toEqual({ 'a.example': 3, 'b.example': 1 });
    const reader = days.store.sessions.read(DAY);
    expect(reader?.counters().get('moved-1')).toBe(1);
    reader?.close();
  });

  it('counts when a day is salvaged that surely has not got it', async () => {
    days.collect(failedSessions('b.example', 1));
    await take(failedSessions('a.example', 3));
    overwriteCounters(context, `${stem}.sqlite`);
    close();
    expect([own(), states()]).toEqual([{ 'a.example': 3, 'b.example': 1 }, ['1 counted']]);
  });

  it('that was being counted counts as the counters say, and not where they cannot be read, which is said', async () => {
    days.collect(failedSessions('b.example', 1));
    await take(failedSessions('a.example', 3));
    renameSync(`${stem}.moved-1.sqlite`, `${stem}.moved-1.counting.sqlite`);
    expect(own()).toEqual({ 'a.example': 3, 'b.example': 1 });
    copyFileSync(`${stem}.sqlite`, `${stem}.kept`);
    close();
    expect([own(), states()]).toEqual([{ 'a.example': 3, 'b.example': 1 }, ['1 counted']]);
    renameSync(`${stem}.moved-1.counted.sqlite`, `${stem}.moved-1.counting.sqlite`);
    expect(own()).toEqual({ 'a.example': 3, 'b.example': 1 });
    close();
    expect([own(), states()]).toEqual([{ 'a.example': 3, 'b.example': 1 }, ['1 counted']]);
    renameSync(`${stem}.moved-1.counted.sqlite`, `${stem}.moved-1.counting.sqlite`);
    renameSync(`${stem}.kept`, `${stem}.sqlite`);
    overwriteCounters(context, `${stem}.sqlite`);
    const why = 'moved-1.counting.sqlite is in what was kept of its damaged day cannot be told';
    expect(close()).toContainEqual({
      kind: 'moved-left-out',
      code: 'store-damaged',
      why: expect.stringContaining(why) as string,
    });
    expect([own(), states()]).toEqual([{ 'b.example': 1 }, ['1 counted']]);
    expect(shortOf()).toEqual([
      `Whether 1 of the files that tlsrpt import sys4 moved into ${DAY} came in cannot be told`,
    ]);
  });

  it('that is counted and not there any more is not taken for one that was never moved', async () => {
    await move(failedSessions('a.example', 3));
    rmSync(`${stem}.moved-1.counted.sqlite`);
    await expect(take(failedSessions('a.example', 4))).rejects.toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining('moved-1.counted.sqlite is not there') as string,
    });
    expect(own()).toEqual({ 'a.example': 3 });
  });

  it('that is counted and damaged keeps what was moved from being fetched once more, and nothing else', async () => {
    await move(failedSessions('a.example', 3));
    damage(`${stem}.moved-1.counted.sqlite`);
    const { moved } = days.store;
    const [same] = await counted(failedSessions('a.example', 3));
    const [other] = await counted(failedSessions('b.example', 3));
    expect([moved.isMoved(DAY, '', () => same), moved.isMoved(DAY, '', () => other)]).toEqual([true, false]);
    await expect(take(failedSessions('a.example', 4))).rejects.toMatchObject({
      code: 'store-damaged',
      message: expect.not.stringMatching(/left out|aside/) as string,
    });
    await expect(take(failedSessions('a.example', 4))).rejects.toThrow(
      /moved-1\.counted\.sqlite is damaged.*takes nothing more of that day.*Restore it .* or leave it/,
    );
  });

  describe('that is damaged and waits', () => {
    const told = (events: readonly LogEvent[]): string[] => events.map(({ name }) => name);
    let sound: Buffer;

    beforeEach(async () => {
      collectOn('open', failedSessions('a.example', 2));
      await take(failedSessions('b.example', 3));
      sound = readFileSync(`${stem}.moved-1.sqlite`);
      damage(`${stem}.moved-1.sqlite`);
    });

    it('is said to be left out, with what to do, to everybody', async () => {
      const problem = expect.objectContaining({
        code: 'store-damaged',
        message: expect.stringMatching(/moved-1\.sqlite is damaged.*left out\. Restore it .*import sys4/) as string,
      }) as unknown;
      expect(close()).toContainEqual({
        kind: 'moved-left-out',
        code: 'store-damaged',
        why: expect.stringContaining('moved-1.sqlite is damaged') as string,
      });
      const status = readStatus({
        store: days.store,
        day: DAY,
        sources: [],
        nowMs: startOfDayMs(NEXT_DAY),
        domains: [],
      });
      expect(status.flatMap(({ problems }) => problems)).toEqual([problem]);
      const events: LogEvent[] = [];
      expect(await elsewhere(days.store.path, (event) => events.push(event))).toEqual({ 'a.example': 2 });
      expect(told(events)).toEqual(['day-fetched', 'sessions-left-out']);
      await expect(take(failedSessions('b.example', 3))).rejects.toMatchObject({ code: 'store-damaged' });
      expect(() => days.store.moved.isMoved(DAY, '', () => undefined)).toThrow('moved-1.sqlite is damaged');
    });

    it('comes into the closed day once it is restored, and nothing is short any more', async () => {
      close();
      writeFileSync(`${stem}.moved-1.sqlite`, sound);
      close();
      const events: LogEvent[] = [];
      const whole = { 'a.example': 2, 'b.example': 3 };
      expect([own(), await elsewhere(days.store.path, (event) => events.push(event))]).toEqual([whole, whole]);
      expect([told(events), states()]).toEqual([['day-fetched'], ['1 counted']]);
    });
  });

  it('of which rows cannot be read counts without them, which is said', async () => {
    collectOn('open', failedSessions('a.example', 2));
    await take(failedSessions('b.example', 3), failedSessions('c.example', 1));
    change(`${stem}.moved-1.sqlite`, "UPDATE policies SET policy_strings = '[;' WHERE domain = 'b.example'");
    const reader = days.store.sessions.read(DAY);
    expect(reader?.unreadable()).toEqual([expect.stringMatching(/moved-1\.sqlite.*1 of its rows cannot be read/)]);
    expect(sumsIn(reader)).toEqual({ 'a.example': 2, 'c.example': 1 });
    expect(close()).toContainEqual({
      kind: 'moved-left-out',
      code: 'store-damaged',
      why: expect.stringContaining('1 of its rows cannot be read') as string,
    });
  });

  it.each([
    ['another day', `UPDATE day SET day = '${NEXT_DAY}'`],
    ['another state directory', "UPDATE day SET origin = 'elsewhere'"],
  ])('that is of %s does not count', async (_, sql) => {
    collectOn('open', failedSessions('a.example', 2));
    await take(failedSessions('b.example', 3));
    change(`${stem}.moved-1.sqlite`, sql);
    expect(close()).toContainEqual(expect.objectContaining({ kind: 'moved-left-out', code: 'store-misnamed' }));
    expect([own(), states()]).toEqual([{ 'a.example': 2 }, ['1 waiting']]);
  });

  it('that is of another state directory does not count either where there is nothing else of the day', async () => {
    await take(failedSessions('b.example', 3));
    change(`${stem}.moved-1.sqlite`, "UPDATE day SET origin = 'elsewhere'");
    expect([own(), shortOf()]).toEqual([{}, [expect.stringContaining('was made for another state directory')]]);
    expect(close()).toContainEqual(expect.objectContaining({ kind: 'moved-left-out', code: 'store-misnamed' }));
    await expect(take(failedSessions('b.example', 4))).rejects.toMatchObject({ code: 'store-misnamed' });
    expect([own(), states()]).toEqual([{}, ['1 waiting']]);
  });

  it('has the origin of its day, whatever the identity is by now', async () => {
    days.collect(failedSessions('a.example', 2), { origin: 'before' });
    await move(failedSessions('b.example', 3));
    expect(own()).toEqual({ 'a.example': 2, 'b.example': 3 });
  });

  it('that is all there is of a day is seen and read, and becomes the day', async () => {
    await take(failedSessions('b.example', 3));
    expect(days.store.sessions.days()).toEqual([DAY]);
    expect(own()).toEqual({ 'b.example': 3 });
    close();
    expect([own(), await elsewhere(days.store.path)]).toEqual([{ 'b.example': 3 }, { 'b.example': 3 }]);
  });

  it.each<readonly [string, (path: string) => unknown]>([
    [
      'a directory',
      (path) => {
        mkdirSync(path);
      },
    ],
    ['a named pipe', (path) => execFileSync('mkfifo', [path])],
    ['a socket', listenOn],
    [
      'a link to itself',
      (path) => {
        symlinkSync(path, path);
      },
    ],
    [
      'a link that leads nowhere',
      (path) => {
        symlinkSync('/nonexistent/x', path);
      },
    ],
    [
      'a file of another program',
      (path) => {
        copyFileSync(process.execPath, path);
      },
    ],
    [
      'a database of another program',
      (path) => {
        writeFileSync(path, '');
        change(path, 'CREATE TABLE x (y)');
      },
    ],
  ])('in the place of which there is %s costs itself alone', async (_, make) => {
    collectOn('open', failedSessions('a.example', 2));
    await take(failedSessions('b.example', 3));
    await make(`${stem}.moved-2.sqlite`);
    const expected = { 'a.example': 2, 'b.example': 3 };
    expect(own()).toEqual(expected);
    const news = close();
    expect(news.filter(({ kind }) => kind === 'moved-left-out')).toHaveLength(1);
    expect([own(), days.store.sessions.unfinishedDays()]).toEqual([expected, []]);
  });
});
