import { describe, expect, it } from 'vitest';
import { judgeClock } from '#pipeline/doctor/judge-clock.ts';
import type { ClockFacts } from '#pipeline/doctor/judge-clock.ts';

const NOW_MS = Date.parse('2026-11-29T12:00:00Z');
const HOUR_MS = 3_600_000;
const signed = [{ fromMs: NOW_MS - HOUR_MS, untilMs: NOW_MS + HOUR_MS }];
const sound: ClockFacts = { nowMs: NOW_MS, signed, lastNotedMs: NOW_MS - HOUR_MS, hasUnit: true };

describe('judgeClock', () => {
  it.each<readonly [string, Partial<ClockFacts>]>([
    ['is within the signatures', {}],
    ['can be compared with nothing', { signed: [], lastNotedMs: undefined }],
    ['was read while a run ended', { lastNotedMs: NOW_MS + 1_000 }],
  ])('is content with a clock that %s', (_, facts) => {
    expect(judgeClock({ ...sound, ...facts })).toMatchObject({ grade: 'ok', check: 'clock' });
  });

  it.each<readonly [string, Partial<ClockFacts>, 'broken' | 'warning', RegExp]>([
    ['is ahead', { nowMs: NOW_MS + 2 * HOUR_MS }, 'broken', /14:00:00Z, .* to 2026-11-29T13:00:00Z/],
    ['is behind', { nowMs: NOW_MS - 2 * HOUR_MS }, 'broken', /10:00:00Z, .* signed from 2026-11-29T11:00:00Z/],
    ['was ahead', { lastNotedMs: NOW_MS + 48 * HOUR_MS }, 'warning', /something ran here at 2026-12-01T12:00:00Z/],
  ])('finds one that %s', (_, facts, grade, what) => {
    expect(judgeClock({ ...sound, ...facts })).toEqual({
      grade,
      check: 'clock',
      what: expect.stringMatching(what) as string,
      fix: expect.stringMatching(/^set the clock \(timedatectl .*systemctl restart tlsrpt\.service/) as string,
    });
  });

  it('names nothing of systemd where that does not run the collector', () => {
    const finding = judgeClock({ ...sound, hasUnit: false, nowMs: NOW_MS + 2 * HOUR_MS });
    expect(finding).toMatchObject({
      fix: expect.stringMatching(/^set the clock, then start the collector anew;/) as string,
    });
  });
});
