import { describe, expect, it } from 'vitest';
import { GivenFlags } from '#cli/command.ts';
import { askedDay, askedDomains, askedFinishedDay } from '#cli/arguments/flags.ts';

function asked(flags: Record<string, unknown>, nowMs = Date.UTC(2026, 10, 20, 6)): Parameters<typeof askedDay>[0] {
  return { given: new GivenFlags(flags), clock: { nowMs: () => nowMs } };
}

describe('askedDay', () => {
  it.each([
    ['today', '2026-11-20'],
    ['yesterday', '2026-11-19'],
    ['2026-01-02', '2026-01-02'],
    [undefined, undefined],
  ])('%s is %s', (day, expected) => {
    expect(askedDay(asked({ day }))).toBe(expected);
  });

  it('is a UTC day at every moment of it', () => {
    expect(askedDay(asked({ day: 'today' }, Date.UTC(2026, 10, 20)))).toBe('2026-11-20');
    expect(askedDay(asked({ day: 'today' }, Date.UTC(2026, 10, 21) - 1))).toBe('2026-11-20');
  });

  it.each(['tomorrow', '', '2026-02-29', 'Today'])('refuses %j', (day) => {
    expect(() => askedDay(asked({ day }))).toThrow('is no day. Write yesterday, today or a date as YYYY-MM-DD.');
  });
});

describe('askedFinishedDay', () => {
  it('is yesterday unless another is asked for', () => {
    expect(askedFinishedDay(asked({}))).toBe('2026-11-19');
    expect(askedFinishedDay(asked({ day: '2026-11-01' }))).toBe('2026-11-01');
  });

  it('is one that is not over only with --partial', () => {
    expect(() => askedFinishedDay(asked({ day: 'today' }))).toThrow('2026-11-20 is not over yet (UTC).');
    expect(askedFinishedDay(asked({ day: 'today', partial: true }))).toBe('2026-11-20');
  });

  it('is never one that has not begun', () => {
    expect(() => askedFinishedDay(asked({ day: '2026-11-21', partial: true }))).toThrow('has not begun yet');
  });
});

describe('askedDomains', () => {
  it('are written as the store has them', () => {
    expect(askedDomains(asked({ domain: ['Good.Example.', 'bücher.example'] }))).toEqual([
      'good.example',
      'xn--bcher-kva.example',
    ]);
    expect(askedDomains(asked({}))).toEqual([]);
  });
});
