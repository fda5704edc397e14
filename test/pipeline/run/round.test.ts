import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { Round } from '#pipeline/run/round.ts';
import { Timetable } from '#pipeline/run/timetable.ts';
import { FakeParts } from '#test/support/fake-parts.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];

interface Rounds {
  readonly parts: FakeParts;
  readonly round: Round;
  readonly events: LogEvent[];
  readonly pass: (durationMs: number) => void;
}

function hourly(): Rounds {
  const clock = new ManualClock('2026-11-29T12:00:00Z');
  const parts = new FakeParts();
  const events: LogEvent[] = [];
  const log = (event: LogEvent): unknown => events.push(event);
  const timetable = new Timetable({ intervalMs: HOUR_MS, offsetMs: 0, clock, isDueAtOnce: true });
  const steps = ['fetch', 'report'].map((name) => ({ words: [name], deadlineMs: 6 * HOUR_MS }));
  const round = new Round({ steps, timetable, starter: parts, clock, log });
  const pass = (durationMs: number): void => {
    clock.advance(durationMs);
    round.look();
  };
  pass(0);
  return { parts, round, events, pass };
}

describe('A round', () => {
  it('has its commands run one after the other, and again when it is due', async () => {
    const { parts, pass } = hourly();
    expect(parts.commands).toEqual(['fetch']);
    await parts.last.exit(0);
    expect(parts.commands).toEqual(['fetch', 'report']);
    await parts.last.exit(75);
    pass(30 * MINUTE_MS);
    expect(parts.commands).toHaveLength(2);
    pass(30 * MINUTE_MS);
    expect(parts.commands).toEqual(['fetch', 'report', 'fetch']);
  });

  it('is not begun anew while it goes on', () => {
    const { parts, pass } = hourly();
    pass(3 * HOUR_MS);
    expect(parts.commands).toEqual(['fetch']);
  });

  it.each([69, 70, 78])('goes on after a command that ended with %i, and says so', async (code) => {
    const { parts, events } = hourly();
    await parts.last.exit(code);
    expect(parts.commands).toEqual(['fetch', 'report']);
    expect(events).toEqual([
      expect.objectContaining({ name: 'part-failed', facts: { command: 'fetch', exitCode: code } }),
    ]);
  });

  it.each([0, 75])('has nothing to say about a command that ended with %i', async (code) => {
    const { parts, events } = hourly();
    await parts.last.exit(code);
    expect(events).toEqual([]);
  });

  it('ends a command that hangs, kills it when that does not help, and goes on', async () => {
    const { parts, events, pass } = hourly();
    pass(6 * HOUR_MS - 1);
    expect(parts.last.told).toEqual([]);
    pass(1);
    pass(MINUTE_MS - 1);
    expect(parts.last.told).toEqual(['stop']);
    pass(1);
    expect(parts.last.told).toEqual(['stop', 'kill']);
    await parts.last.exit(137);
    expect(parts.commands).toEqual(['fetch', 'report']);
    expect(events.map(({ name }) => name)).toEqual(['part-overdue']);
  });

  it('is over when it is stopped: what runs is asked to end, and nothing follows', async () => {
    const { parts, round } = hourly();
    round.stop();
    expect([parts.last.told, round.isIdle]).toEqual([['stop'], false]);
    await parts.last.exit(0);
    expect([parts.commands, round.isIdle]).toEqual([['fetch'], true]);
  });
});
