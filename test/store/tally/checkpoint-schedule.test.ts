import { describe, expect, it } from 'vitest';
import { CheckpointSchedule } from '#store/tally/checkpoint-schedule.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const LIMITS = { leastBytes: 100, journals: 2, behindMs: 1_000 };

describe('The schedule of checkpoints', () => {
  it('waits for as much in journals as the snapshot has, or for many journals', () => {
    const schedule = new CheckpointSchedule(new ManualClock('2026-11-19T12:00:00Z'), 500, LIMITS);
    const due = [
      { count: 1, bytes: 500 },
      { count: 1, bytes: 501 },
      { count: 3, bytes: 1 },
    ].map((finished) => schedule.isDue(finished));
    expect(due).toEqual([false, true, true]);
  });

  it('is over once much was read by a tally that is behind, or time has passed', () => {
    const clock = new ManualClock('2026-11-19T12:00:00Z');
    const schedule = new CheckpointSchedule(clock, 500, LIMITS);
    clock.advance(5_000);
    expect(schedule.isDueBehind).toBe(false);
    schedule.noteRead(1);
    expect(schedule.isDueBehind).toBe(true);
    schedule.run(() => 50);
    schedule.noteRead(100);
    expect(schedule.isDueBehind).toBe(false);
    schedule.noteRead(1);
    expect(schedule.isDueBehind).toBe(true);
  });

  it('takes no more than a tenth of the time', () => {
    const clock = new ManualClock('2026-11-19T12:00:00Z');
    const schedule = new CheckpointSchedule(clock, 0, LIMITS);
    schedule.run(() => {
      clock.advance(700);
      return 500;
    });
    schedule.noteRead(1);
    clock.advance(6_999);
    expect(schedule.isDueBehind).toBe(false);
    clock.advance(1);
    expect(schedule.isDueBehind).toBe(true);
  });
});
