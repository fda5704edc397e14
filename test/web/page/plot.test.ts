import { describe, expect, it } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { plot } from '#web/page/plot.ts';

const days = ['2026-11-18', '2026-11-19'] as UtcDay[];

describe('A plot', () => {
  it('puts the numbers of a day on each other, to one scale', () => {
    const svg = plot({
      title: 'Sessions',
      days,
      series: [
        { name: 'succeeded', numbers: [50, 100] },
        { name: 'failed', numbers: [50, 0] },
      ],
    }).toString();
    const bars = [...svg.matchAll(/<rect\s+class="(s\d)"\s[^>]*\sy="(\S+)"\s+height="(\S+)"/g)].map(([, ...bar]) =>
      bar.join(' '),
    );
    expect(bars).toEqual(['s0 50 50', 's1 0 50', 's0 0 100']);
  });

  it('says the same in words and as a table', () => {
    const text = plot({ title: 'Failures', days, series: [{ name: 'failures', numbers: [1, 1_200] }] }).toString();
    expect(text).toContain(
      'aria-label="Failures, 2026-11-18 to 2026-11-19: 1,201 in all, at most 1,200 on 2026-11-19."',
    );
    expect(text).toMatch(/2026-11-19<\/th>\s*<td[^>]*>1,200<\/td>/);
  });

  it('is there also when there is nothing to see', () => {
    const text = plot({ title: 'Failures', days, series: [{ name: 'failures', numbers: [0, 0] }] }).toString();
    expect(text).not.toContain('NaN');
    expect(text).toContain('0 in all');
  });
});
