import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRetryAfter } from '#adapters/https/retry-after.ts';

const NOON = 'Thu, 19 Nov 2026 12:00:00 GMT';

describe('readRetryAfter', () => {
  it('reads seconds', () => {
    expect(readRetryAfter('120', null)).toBe(120_000);
    expect(readRetryAfter('0', NOON)).toBe(0);
  });

  it('measures a date against the Date of the same answer', () => {
    expect(readRetryAfter('Thu, 19 Nov 2026 12:30:00 GMT', NOON)).toBe(1_800_000);
    expect(readRetryAfter('Thursday, 19-Nov-26 12:30:00 GMT', NOON)).toBe(1_800_000);
  });

  it('takes a date that is over as no wait', () => {
    expect(readRetryAfter('Thu, 19 Nov 2026 11:00:00 GMT', NOON)).toBe(0);
  });

  it.each([
    [null, NOON],
    ['', NOON],
    ['-1', NOON],
    ['1.5', NOON],
    ['soon', NOON],
    ['9999999999', NOON], // 300 years
    ['Thu Nov 19 12:30:00 2026', NOON], // asctime: no time zone
    ['Thu, 99 Nov 2026 12:30:00 GMT', NOON],
    [NOON, null], // nothing to measure against
    [NOON, 'today'],
  ])('does not read %s with the Date %s', (retryAfter, date) => {
    expect(readRetryAfter(retryAfter, date)).toBeUndefined();
  });

  it('gives a finite wait or none for anything', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const waitMs = readRetryAfter(text, NOON);
        expect(waitMs === undefined || (Number.isFinite(waitMs) && waitMs >= 0)).toBe(true);
      }),
    );
  });
});
