/**
 * Somebody removed the file of a day, or put an older one in its place: what was moved into it is said to be missing, and never counts twice.
 */
import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { piecesOf } from '#store/sessions/piece-names.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';
import { systemClock } from '#support/clock.ts';
import { systemDisk } from '#support/disk.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { writeDay } from '#test/support/day-files.ts';
import { counted, elsewhere, failedSessions, sumsIn } from '#test/support/moved-days.ts';

const context = { sqlite: await loadSqlite(), disk: systemDisk };
const SHORT = `1 of the files that tlsrpt import sys4 moved into ${DAY} could not be counted`;
const LOST: unknown = expect.stringMatching(/DAY does not know .*moved-1\.counted\.sqlite, .*is left out\. .*rename/);

describe('A piece that is counted in a file that is not there any more', () => {
  let days: CollectedDays;
  let stem: string;

  beforeEach(async () => {
    days = await CollectedDays.make();
    stem = join(days.store.path, 'sessions', DAY);
    const identity = { day: DAY, origin: days.store.identity() };
    writeDay(context, { stem, identity, datagrams: failedSessions('a.example', 2), ending: 'closed' });
    copyFileSync(`${stem}.sqlite`, `${stem}.backup`);
    days.store.moved.take(DAY, await counted(failedSessions('b.example', 3)));
    await days.store.moved.settle(DAY, true);
  });

  const own = (): Record<string, number> => sumsIn(days.store.sessions.read(DAY));
  const states = (): string[] => piecesOf(systemDisk, stem).map(({ number, state }) => `${String(number)} ${state}`);
  function shortOf(): string[] {
    const reader = days.store.sessions.read(DAY);
    const problems = reader?.movedLeftOut() ?? [];
    reader?.close();
    return problems.map(({ phrase }) => phrase);
  }

  /** What a collector says that finds it when it starts. */
  function toldAtStart(): string[] {
    const told: string[] = [];
    const tallier = new DayTallier({
      ...context,
      stem,
      news: (one) => {
        if (one.kind === 'moved-left-out') told.push(one.why.replaceAll(`${DAY}.sqlite`, 'DAY'));
      },
      clock: systemClock,
    });
    tallier.end(false);
    while (tallier.step());
    tallier.close();
    return told;
  }

  function lose(how: 'an older one' | 'none'): Record<string, number> {
    renameSync(`${stem}.sqlite`, `${stem}.newer`);
    if (how === 'an older one') renameSync(`${stem}.backup`, `${stem}.sqlite`);
    return how === 'none' ? {} : { 'a.example': 2 };
  }

  it.each(['an older one', 'none'] as const)('is told to everybody where there is %s', async (how) => {
    const rest = lose(how);
    expect([own(), shortOf()]).toEqual([rest, [expect.stringContaining('moved-1.counted.sqlite')]]);
    expect(toldAtStart()).toEqual([LOST]);
    const events: LogEvent[] = [];
    expect(await elsewhere(days.store.path, (event) => events.push(event))).toEqual(rest);
    expect(events.flatMap(({ facts }) => facts['why'] ?? [])).toEqual([SHORT]);
    expect(days.store.moved.take(DAY, await counted(failedSessions('b.example', 3))).kind).toBe('nothing-new');
    expect((await days.store.moved.settle(DAY, true)).leftOut).toHaveLength(1);
    expect([states(), own()]).toEqual([['1 counted'], rest]);
  });

  it.each(['an older one', 'none'] as const)('counts once after it was renamed where there is %s', async (how) => {
    const rest = lose(how);
    if (how === 'none') toldAtStart();
    renameSync(`${stem}.moved-1.counted.sqlite`, `${stem}.moved-1.sqlite`);
    const expected = { ...rest, 'b.example': 3 };
    expect(own()).toEqual(expected);
    expect([toldAtStart(), toldAtStart()]).toEqual([[], []]);
    expect([own(), await elsewhere(days.store.path), states(), shortOf()]).toEqual([
      expected,
      expected,
      ['1 counted'],
      [],
    ]);
  });

  it('counts once when it was renamed and the newer file comes back', () => {
    const whole = own();
    lose('an older one');
    renameSync(`${stem}.moved-1.counted.sqlite`, `${stem}.moved-1.sqlite`);
    renameSync(`${stem}.newer`, `${stem}.sqlite`);
    expect(own()).toEqual(whole);
    expect(toldAtStart()).toEqual([]);
    expect([own(), states(), shortOf()]).toEqual([whole, ['1 counted'], []]);
  });
});
