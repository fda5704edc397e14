import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { periodForm, readPeriod } from '#web/page/period.ts';

const TODAY = '2026-11-20' as UtcDay;

function period(query: string): ReturnType<typeof readPeriod> {
  return readPeriod(new URLSearchParams(query), TODAY);
}

describe('The period of a page', () => {
  it('is the last 30 days, unless the address says another', () => {
    expect(period('')).toMatchObject({ first: '2026-10-22', last: TODAY, query: { days: undefined, to: undefined } });
    expect(period('days=7&to=2026-11-01')).toMatchObject({ first: '2026-10-26', last: '2026-11-01' });
    expect(period('days=7&to=2026-11-01').query).toEqual({ days: '7', to: '2026-11-01' });
  });

  it('is never longer than 400 days, and never ends after today', () => {
    expect(period('days=999').days).toHaveLength(400);
    expect(period('to=2027-01-01').last).toBe(TODAY);
  });

  it('is the usual one for what is none, whatever is written there', () => {
    for (const query of ['days=-1', 'days=1e9', 'days=0', 'to=2026-13-01', 'to=../../etc'])
      expect(period(query)).toEqual(period(''));
    fc.assert(
      fc.property(fc.string(), fc.string(), (days, to) => {
        const { days: found, last } = period(new URLSearchParams({ days, to }).toString());
        expect(found.at(-1)).toBe(last);
      }),
    );
  });

  it('leads to the days before and after it, and keeps what else the address has', () => {
    const form = periodForm('/domain', period('days=7&to=2026-11-13'), { name: 'a.example' }).toString();
    expect(form).toContain('href="/domain?name=a.example&#38;days=7&#38;to=2026-11-06"');
    expect(form).toContain('href="/domain?name=a.example&#38;days=7"');
    expect(form).toContain('<input type="hidden" name="name" value="a.example" />');
  });
});
