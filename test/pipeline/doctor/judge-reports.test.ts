import { describe, expect, it } from 'vitest';
import { judgeReports } from '#pipeline/doctor/judge-reports.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const NOW_MS = Date.parse('2026-11-29T12:00:00Z');
const days = (...texts: string[]): UtcDay[] =>
  texts.map((text) => parseUtcDay(text)).filter((day) => day !== undefined);

describe('judgeReports', () => {
  it('gives yesterday its time', () => {
    expect(judgeReports({ unreported: days('2026-11-28'), nowMs: NOW_MS })).toMatchObject({ grade: 'ok' });
  });

  it('finds days that were passed over', () => {
    expect(judgeReports({ unreported: days('2026-11-20', '2026-11-27', '2026-11-28'), nowMs: NOW_MS })).toEqual({
      grade: 'warning',
      check: 'reports',
      what: 'No report was built about 2026-11-20, and 1 more, which is over for more than a day.',
      fix: 'tlsrpt report --day unreported --deliver',
    });
  });
});
