import { describe, expect, it } from 'vitest';
import { GivenFlags } from '#cli/command.ts';
import { requestedDay, requestedDomains, requestedFinishedDay } from '#cli/arguments/flags.ts';

function request(
  flags: Record<string, unknown>,
  nowMs = Date.UTC(2026, 10, 20, 6),
): Parameters<typeof requestedDay>[0] {
  return { given: new GivenFlags(flags), clock: { nowMs: () => nowMs } };
}

describe('requestedDay', () => {
  it.each([
    ['today', '2026-11-20'],
    ['yesterday', '2026-11-19'],
    ['2026-01-02', '2026-01-02'],
    [undefined, undefined],
  ])('%s is %s', (day, expected) => {
    expect(requestedDay(request({ day }))).toBe(expected);
  });

  it('is a UTC day at every moment of it', () => {
    expect(requestedDay(request({ day: 'today' }, Date.UTC(2026, 10, 20)))).toBe('2026-11-20');
    expect(requestedDay(request({ day: 'today' }, Date.UTC(2026, 10, 21) - 1))).toBe('2026-11-20');
  });

  it.each(['tomorrow', '', '2026-02-29', 'Today'])('refuses %j', (day) => {
    expect(() => requestedDay(request({ day }))).toThrow('is no day. Write yesterday, today or a date as YYYY-MM-DD.');
  });
});

describe('requestedFinishedDay', () => {
  it('is yesterday unless another is requested', () => {
    expect(requestedFinishedDay(request({}))).toBe('2026-11-19');
    expect(requestedFinishedDay(request({ day: '2026-11-01' }))).toBe('2026-11-01');
  });

  it('is one that is not over only with --partial', () => {
    expect(() => requestedFinishedDay(request({ day: 'today' }))).toThrow('2026-11-20 is not over yet (UTC).');
    expect(requestedFinishedDay(request({ day: 'today', partial: true }))).toBe('2026-11-20');
  });

  it('is never one that has not begun', () => {
    expect(() => requestedFinishedDay(request({ day: '2026-11-21', partial: true }))).toThrow('has not begun yet');
  });
});

describe('requestedDomains', () => {
  it('are written as the store has them', () => {
    expect(requestedDomains(request({ domain: ['Good.Example.', 'bücher.example'] }))).toEqual([
      'good.example',
      'xn--bcher-kva.example',
    ]);
    expect(requestedDomains(request({}))).toEqual([]);
  });
});
