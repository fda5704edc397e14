import { describe, expect, it } from 'vitest';
import { Timetable } from '#pipeline/run/timetable.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];

/** Every hour at minute 24. */
function hourly(time: string, isDueAtOnce = false): { clock: ManualClock; timetable: Timetable } {
  const clock = new ManualClock(time);
  const timetable = new Timetable({ intervalMs: HOUR_MS, offsetMs: 24 * MINUTE_MS, clock, isDueAtOnce });
  return { clock, timetable };
}

/** At which times a round begins while the clocks run evenly for so long. */
function rounds({ clock, timetable }: ReturnType<typeof hourly>, forMs: number): string[] {
  const times: string[] = [];
  for (let passedMs = 0; passedMs < forMs; passedMs += 1_000) {
    clock.advance(1_000);
    if (!timetable.isDue) continue;
    timetable.begin();
    times.push(new Date(clock.nowMs()).toISOString().slice(11, 19));
  }
  return times;
}

describe('A timetable', () => {
  it('has a round at its moment of each interval', () => {
    expect(rounds(hourly('2026-11-29T23:30:00Z'), 2 * HOUR_MS)).toEqual(['00:24:00', '01:24:00']);
  });

  it('waits for its moment also when that is soon', () => {
    expect(rounds(hourly('2026-11-30T00:05:00Z'), 2 * HOUR_MS)).toEqual(['00:24:00', '01:24:00']);
  });

  it('makes up at once for what was missed before it was there', () => {
    const { clock, timetable } = hourly('2026-11-29T23:30:00Z', true);
    expect(timetable.isDue).toBe(true);
    timetable.begin();
    expect(rounds({ clock, timetable }, HOUR_MS)).toEqual(['00:24:00']);
  });

  it.each([
    ['back by a year', -365 * DAY_MS],
    ['forward by a year', 365 * DAY_MS],
    ['back by half an hour', -HOUR_MS / 2],
  ])('goes on with a round an hour when the clock is set %s', (_, jumpMs) => {
    const both = hourly('2026-11-29T12:00:00Z');
    expect(rounds(both, HOUR_MS)).toHaveLength(1);
    both.clock.jump(jumpMs);
    const later = rounds(both, 10 * HOUR_MS);
    expect(later.length).toBeGreaterThanOrEqual(9);
    expect(later.length).toBeLessThanOrEqual(11);
    expect(later.slice(2).every((time) => time.includes(':24:'))).toBe(true);
  });

  it('has no more than a round in half an interval, however often the clock jumps', () => {
    const both = hourly('2026-11-29T12:00:00Z');
    let count = 0;
    for (let minute = 0; minute < 300; minute += 1) {
      both.clock.jump(minute % 2 === 0 ? DAY_MS : -DAY_MS);
      count += rounds(both, MINUTE_MS).length;
    }
    expect(count).toBeGreaterThanOrEqual(5);
    expect(count).toBeLessThanOrEqual(10);
  });

  it('goes on while the clock stands still', () => {
    const { clock, timetable } = hourly('2026-11-29T12:00:00Z');
    let count = 0;
    for (let minute = 0; minute < 300; minute += 1) {
      clock.advance(MINUTE_MS);
      clock.jump(-MINUTE_MS);
      if (!timetable.isDue) continue;
      timetable.begin();
      count += 1;
    }
    expect(count).toBe(4);
  });
});
