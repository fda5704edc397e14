import { beforeEach, describe, expect, it } from 'vitest';
import { DayClock, DOUBT_MS } from '#pipeline/collect/day-clock.ts';
import type { ClockNews } from '#pipeline/collect/day-clock.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const SECOND = 1_000;
const [HOUR, DAY] = [3_600 * SECOND, 86_400 * SECOND];
const YEAR = 365 * DAY;

let clock: ManualClock;
let news: ClockNews[];
let day: DayClock;

/** A clock that has been looked at for so long. */
function begin(time: string, beforeMs = DOUBT_MS): void {
  clock = new ManualClock(new Date(Date.parse(time) - beforeMs).toISOString());
  news = [];
  day = new DayClock(clock, (one) => news.push(one));
  pass(beforeMs);
}

beforeEach(() => {
  begin('2026-11-19T12:00:00Z');
});

/** Lets time pass as the collector sees it, and returns how often the day changed. */
function pass(durationMs: number, stepMs = SECOND): number {
  let changes = 0;
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    clock.advance(Math.min(stepMs, durationMs - passedMs));
    if (day.look()) changes += 1;
  }
  return changes;
}

describe('A day clock that runs evenly', () => {
  it('changes the day at midnight, once, and says nothing', () => {
    begin('2026-11-19T23:59:50Z');
    expect([pass(9_999), day.day]).toEqual([0, '2026-11-19']);
    expect([pass(1), day.day]).toEqual([1, '2026-11-20']);
    expect([pass(DAY - 1, 500), day.day, news]).toEqual([0, '2026-11-20', []]);
    expect([pass(1), day.day]).toEqual([1, '2026-11-21']);
  });

  it('changes it also when nobody has looked for an hour', () => {
    begin('2026-11-19T23:30:00Z');
    expect([pass(HOUR, HOUR), day.day, news]).toEqual([1, '2026-11-20', []]);
  });

  it.each([-20, 20])('takes it as even when it is set by %s seconds across midnight', (seconds) => {
    begin(seconds > 0 ? '2026-11-19T23:59:50Z' : '2026-11-20T00:00:10Z');
    const before = day.day;
    clock.jump(seconds * SECOND);
    expect([day.look(), day.day === before, news]).toEqual([true, false, []]);
  });

  it('knows what arrived in the day, to the millisecond', () => {
    const start = Date.parse('2026-11-19T00:00:00Z');
    const moments = [start - 1, start, start + DAY - 1, start + DAY];
    expect(moments.map((moment) => day.contains(moment))).toEqual([false, true, true, false]);
  });
});

const jumps = [
  ['a minute ahead', '2026-11-19T23:59:30Z', 60 * SECOND],
  ['eleven minutes back', '2026-11-20T00:00:30Z', -660 * SECOND],
  ['an hour ahead', '2026-11-19T23:30:00Z', HOUR],
  ['an hour back', '2026-11-20T00:30:00Z', -HOUR],
  ['three days ahead', '2026-11-19T12:00:00Z', 3 * DAY],
  ['three days back', '2026-11-19T12:00:00Z', -3 * DAY],
  ['forty days ahead', '2026-11-19T12:00:00Z', 40 * DAY],
  ['a year ahead', '2026-11-19T12:00:00Z', YEAR],
  ['a year back', '2026-11-19T12:00:00Z', -YEAR],
] as const;

describe.each(jumps)('A clock that jumps %s into another day', (_what, time, byMs) => {
  it('has changed nothing when it is right again within ten minutes', () => {
    begin(time);
    const before = day.day;
    clock.jump(byMs);
    expect([pass(4 * SECOND), day.day, day.isInDoubt]).toEqual([0, before, true]);
    clock.jump(-byMs);
    expect([pass(10 * SECOND), day.day, day.isInDoubt]).toEqual([0, before, false]);
    expect(news.map(({ kind }) => kind)).toEqual(['jumped', 'returned']);
  });

  it('is believed after ten minutes', () => {
    begin(time);
    const before = day.day;
    clock.jump(byMs);
    const after = new Date(clock.nowMs()).toISOString().slice(0, 10);
    day.look();
    expect(news).toEqual([{ kind: 'jumped', from: before, to: after }]);
    expect([pass(DOUBT_MS - 1), day.day]).toEqual([0, before]);
    expect([pass(1), day.day, day.isInDoubt]).toEqual([1, after, false]);
    expect(news).toHaveLength(1);
  });
});

describe('A clock that jumps within ten minutes of the start, as on a machine that cannot keep the time while it is off,', () => {
  it.each([
    ['1970-01-01T00:00:20Z', '2026-11-19'],
    ['2025-11-19T12:00:00Z', '2026-11-19'],
    ['2026-11-18T23:00:00Z', '2026-11-19'],
    ['2026-12-24T12:00:00Z', '2026-11-19'],
  ])('is believed at once when it said %s before', (before, after) => {
    begin(before, 0);
    expect([pass(DOUBT_MS - SECOND), day.day]).toEqual([0, before.slice(0, 10)]);
    clock.set('2026-11-19T12:00:00Z');
    expect([day.look(), day.day, day.isInDoubt]).toEqual([true, after, false]);
    expect(news).toEqual([{ kind: 'set', from: before.slice(0, 10), to: after }]);
  });

  it('is doubted afterwards', () => {
    begin('1970-01-01T00:00:20Z', 0);
    pass(DOUBT_MS);
    clock.set('2026-11-19T12:00:00Z');
    expect([day.look(), day.day, day.isInDoubt]).toEqual([false, '1970-01-01', true]);
  });
});

describe('A clock that jumps', () => {
  it('within the day is not worth a word', () => {
    clock.jump(6 * HOUR);
    expect([pass(HOUR), day.day, news]).toEqual([0, '2026-11-19', []]);
  });

  it('within the day shortly before midnight lets the day go on for ten minutes at most', () => {
    begin('2026-11-19T22:50:00Z');
    clock.jump(HOUR + 5 * 60 * SECOND); // 23:55
    day.look();
    expect([pass(DOUBT_MS - 1), day.day]).toEqual([0, '2026-11-19']);
    expect([pass(1), day.day]).toEqual([1, '2026-11-20']);
  });

  it('again and again is doubted for ten minutes from the last time', () => {
    for (const byMs of [DAY, DAY, -3 * DAY, YEAR]) {
      clock.jump(byMs);
      expect([pass(DOUBT_MS / 2), day.day]).toEqual([0, '2026-11-19']);
    }
    expect([pass(DOUBT_MS / 2 + SECOND), day.day]).toEqual([1, '2027-11-18']);
  });

  it('all the time, as two programs set it differently, changes the day within ten minutes of midnight all the same', () => {
    begin('2026-11-19T20:00:00Z');
    const changes: string[] = [];
    for (let minutes = 0; minutes < 3 * 24 * 60; minutes += 5) {
      clock.jump((minutes % 10 === 0 ? 1 : -1) * 60 * SECOND);
      if (pass(5 * 60 * SECOND) > 0) changes.push(day.day);
    }
    expect(changes).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
  });

  it('about within another day is believed after ten minutes of it', () => {
    for (const byMs of [3 * DAY, 60 * SECOND, -60 * SECOND]) {
      clock.jump(byMs);
      expect([pass(200 * SECOND), day.day]).toEqual([0, '2026-11-19']);
    }
    expect([pass(SECOND), day.day]).toEqual([1, '2026-11-22']);
  });

  it('back into the day that has just ended takes that day up again after ten minutes', () => {
    begin('2026-11-19T23:59:59Z');
    expect([pass(2 * SECOND), day.day]).toEqual([1, '2026-11-20']);
    clock.jump(-HOUR);
    expect([pass(DOUBT_MS), day.day]).toEqual([0, '2026-11-20']);
    expect([pass(SECOND), day.day]).toEqual([1, '2026-11-19']);
  });

  it('while the machine is suspended into the next days is believed after ten minutes', () => {
    clock.jump(2 * DAY);
    expect([pass(DOUBT_MS), day.day]).toEqual([0, '2026-11-19']);
    expect([pass(SECOND), day.day]).toEqual([1, '2026-11-21']);
  });

  it('is doubted from the start when it is set back into the day before', () => {
    begin('2026-11-20T12:00:00Z');
    clock.jump(-DAY);
    expect([day.look(), day.day, day.isInDoubt]).toEqual([false, '2026-11-20', true]);
    expect([pass(DOUBT_MS - SECOND), day.day]).toEqual([0, '2026-11-20']);
    expect([pass(SECOND), day.day]).toEqual([1, '2026-11-19']);
  });
});
