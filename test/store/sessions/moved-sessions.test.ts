import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { digestOfReader } from '#store/sessions/day-digest.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import { lockFile } from '#support/file-lock.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { tallyDay, writeDay } from '#test/support/day-files.ts';
import { counted, elsewhere, failedSessions as sessions, sumsIn } from '#test/support/moved-days.ts';

const context = { sqlite: await loadSqlite(), disk: systemDisk };

describe('what was moved of a day', () => {
  let days: CollectedDays;
  let stem: string;

  beforeEach(async () => {
    days = await CollectedDays.make();
    stem = join(days.store.path, 'sessions', DAY);
  });

  const own = (): Record<string, number> => sumsIn(days.store.sessions.read(DAY));

  async function move(...datagrams: readonly Buffer[][]): Promise<string> {
    const { kind } = days.store.moved.take(DAY, await counted(...datagrams));
    const { isSettled } = await days.store.moved.settle(DAY, false);
    return `${kind}${isSettled ? '' : ', waits'}`;
  }

  function collectOn(ending: 'open' | 'closed', ...datagrams: readonly Buffer[][]): void {
    const identity = { day: DAY, origin: days.store.identity() };
    writeDay(context, { stem, identity, datagrams: datagrams.flat(), ending });
  }

  it('is a day of this host where there was none, for other hosts as well', async () => {
    expect(await move(sessions('a.example', 3))).toBe('moved');
    expect([own(), await elsewhere(days.store.path)]).toEqual([{ 'a.example': 3 }, { 'a.example': 3 }]);
    expect(days.store.sessions.unfinishedDays()).toEqual([]);
  });

  it('is added to a day that is closed', async () => {
    days.collect(sessions('a.example', 2));
    await move(sessions('a.example', 3), sessions('b.example', 1));
    const expected = { 'a.example': 5, 'b.example': 1 };
    expect([own(), await elsewhere(days.store.path)]).toEqual([expected, expected]);
  });

  it('counts at once in a day that is being collected, and for other hosts when that is closed, also across restarts', async () => {
    collectOn('open', sessions('a.example', 2));
    expect(await move(sessions('a.example', 3))).toBe('moved, waits');
    expect([own(), await elsewhere(days.store.path)]).toEqual([{ 'a.example': 5 }, 'not-closed']);
    collectOn('open', sessions('a.example', 1));
    tallyDay(context, stem, 'checkpointed');
    expect(own()).toEqual({ 'a.example': 6 });
    collectOn('closed', sessions('c.example', 1));
    const expected = { 'a.example': 6, 'c.example': 1 };
    expect([own(), await elsewhere(days.store.path)]).toEqual([expected, expected]);
  });

  it('counts once when the day goes on after it was settled', async () => {
    await move(sessions('a.example', 3));
    collectOn('closed', sessions('a.example', 2));
    expect(own()).toEqual({ 'a.example': 5 });
    collectOn('open', sessions('a.example', 1));
    expect(own()).toEqual({ 'a.example': 6 });
  });

  it('is not taken twice, and what came since is', async () => {
    await move(sessions('a.example', 3));
    const before = statSync(`${stem}.sqlite`);
    expect(await move(sessions('a.example', 3))).toBe('nothing-new');
    expect(statSync(`${stem}.sqlite`)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
    expect(await move(sessions('a.example', 4), sessions('b.example', 2))).toBe('moved-since');
    expect(await move(sessions('a.example', 4), sessions('b.example', 2))).toBe('nothing-new');
    expect(own()).toEqual({ 'a.example': 4, 'b.example': 2 });
  });

  it('stays as it is where of some domain there is less by now, though there is more of others', async () => {
    await move(sessions('a.example', 3));
    expect(days.store.moved.take(DAY, await counted(sessions('a.example', 2), sessions('b.example', 9)))).toEqual({
      kind: 'fewer',
      there: 11,
      here: 3,
    });
    expect(own()).toEqual({ 'a.example': 3 });
  });

  it('stays as it is where there is more in another database, which may be of another collector', async () => {
    const take = async (times: number, ...databases: readonly string[]): Promise<string> =>
      days.store.moved.take(DAY, await counted(sessions('a.example', times)), databases).kind;
    expect(await take(5, 'one')).toBe('moved');
    expect([await take(8, 'another'), own()]).toEqual(['other-database', { 'a.example': 5 }]);
    expect([await take(5, 'another'), await take(4, 'another')]).toEqual(['nothing-new', 'fewer']);
    expect([await take(6, 'another', 'one'), own()]).toEqual(['moved-since', { 'a.example': 6 }]);
    expect([await take(7, 'another'), await take(9), own()]).toEqual([
      'moved-since',
      'moved-since',
      { 'a.example': 9 },
    ]);
  });

  it('is settled by the next run where one was killed in between', async () => {
    days.store.moved.take(DAY, await counted(sessions('a.example', 3)));
    await days.store.moved.settle(DAY, true);
    expect(await elsewhere(days.store.path)).toEqual({ 'a.example': 3 });
  });

  it('waits for the lock of a day that is over until whoever closes it lets go', async () => {
    days.collect(sessions('a.example', 2));
    const held = lockFile(`${stem}.lock`);
    days.store.moved.take(DAY, await counted(sessions('a.example', 3)));
    const settling = days.store.moved.settle(DAY, true);
    expect(await days.store.moved.settle(DAY, false)).toEqual({ isSettled: false, leftOut: [] });
    if (held.kind === 'locked') held.lock.release();
    expect(await settling).toMatchObject({ isSettled: true });
    expect(await elsewhere(days.store.path)).toEqual({ 'a.example': 5 });
  });

  it('costs itself alone when it is damaged, and is named', async () => {
    collectOn('open', sessions('a.example', 2));
    await move(sessions('b.example', 3));
    const fd = openSync(`${stem}.moved-1.sqlite`, 'r+');
    writeSync(fd, Buffer.alloc(8_192, 7), 0, 8_192, 4_096);
    closeSync(fd);
    const reader = days.store.sessions.read(DAY);
    expect(reader?.unreadable()).toEqual([expect.stringContaining('moved-1.sqlite is damaged')]);
    expect(sumsIn(reader)).toEqual({ 'a.example': 2 });
    tallyDay(context, stem, 'closed');
    expect(own()).toEqual({ 'a.example': 2 });
    expect(days.store.sessions.unfinishedDays()).toEqual([]);
  });

  it('is known by what each of two files had of it, and by both together', async () => {
    const { moved } = days.store;
    const now = [...(await counted(sessions('a.example', 3))), ...(await counted(sessions('b.example', 2)))];
    moved.take(DAY, now);
    const parts = [now, now.slice(0, 1), now.slice(1)].map((readers) => moved.digestIn(readers));
    expect(parts.map((digest) => moved.isMoved(DAY, digest, () => undefined))).toEqual([true, true, true]);
  });

  it('is one day of one source to those who compare', async () => {
    const datagrams = [sessions('a.example', 3), sessions('b.example', 2)];
    await move(...datagrams);
    const now = await counted(...datagrams);
    const digest = days.store.moved.digestIn(now);
    expect(digest).toBe(digestOfReader(days.store.sessions.read(DAY)));
    expect(days.store.moved.isMoved(DAY, digest, () => undefined)).toBe(true);
    const [half] = await counted(sessions('a.example', 1));
    expect(days.store.moved.isMoved(DAY, days.store.moved.digestIn(half ? [half] : []), () => undefined)).toBe(false);
    expect(half && [days.store.moved.isWithin(half, now), days.store.moved.isWithin(now[0] ?? half, [half])]).toEqual([
      true,
      false,
    ]);
  });
});
