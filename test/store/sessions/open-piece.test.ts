import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileBytes } from '#store/durable/file-bytes.ts';
import { loadSqlite, SqliteDatabase } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { tallyDay, writeDay } from '#test/support/day-files.ts';
import { counted, failedSessions, sumsIn } from '#test/support/moved-days.ts';

const context = { sqlite: await loadSqlite(), disk: systemDisk };

describe('A piece of a day that goes on', () => {
  let days: CollectedDays;
  let stem: string;

  beforeEach(async () => {
    days = await CollectedDays.make();
    stem = join(days.store.path, 'sessions', DAY);
    const identity = { day: DAY, origin: days.store.identity() };
    writeDay(context, { stem, identity, datagrams: failedSessions('b.example', 1), ending: 'open' });
    await take(3);
  });

  async function take(times: number): Promise<string> {
    return days.store.moved.take(DAY, await counted(failedSessions('a.example', times))).kind;
  }

  const own = (): Record<string, number> => sumsIn(days.store.sessions.read(DAY));

  function shortOf(): string[] {
    const reader = days.store.sessions.read(DAY);
    const problems = reader?.movedLeftOut() ?? [];
    reader?.close();
    return problems.map(({ phrase }) => phrase);
  }

  it.each(['moved-2', 'moved-7.counting', 'moved-7.counted'])(
    'does not count again under another name, %s, and what it is in truth is said',
    async (name) => {
      const copy = `${stem}.${name}.sqlite`;
      copyFileSync(`${stem}.moved-1.sqlite`, copy);
      for (const close of [false, true]) {
        if (close) tallyDay(context, stem, 'closed');
        expect(own()).toEqual({ 'a.example': 3, 'b.example': 1 });
        expect(shortOf()).toEqual([expect.stringContaining(copy)]);
      }
      await expect(take(4)).rejects.toMatchObject({
        code: 'store-misnamed',
        message: expect.stringContaining(
          `${copy} is ${DAY}.moved-1.sqlite under another name, so it does not count. Remove it`,
        ) as string,
      });
      rmSync(copy);
      expect(await take(4)).toBe('moved-since');
      await days.store.moved.settle(DAY, true);
      expect([own(), shortOf()]).toEqual([{ 'a.example': 4, 'b.example': 1 }, []]);
    },
  );

  it('counts also when it does not say which it is, as an earlier version wrote it', () => {
    const bytes = new FileBytes(systemDisk, `${stem}.moved-1.sqlite`, 'read-write');
    const piece = new SqliteDatabase(context.sqlite, bytes, 'discardable');
    piece.execute('DELETE FROM counters');
    piece.close();
    tallyDay(context, stem, 'closed');
    expect([own(), shortOf()]).toEqual([{ 'a.example': 3, 'b.example': 1 }, []]);
  });
});
