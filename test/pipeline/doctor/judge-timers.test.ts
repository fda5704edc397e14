import { describe, expect, it } from 'vitest';
import { judgeTimers } from '#pipeline/doctor/judge-timers.ts';
import type { Timer, TimerFacts } from '#pipeline/doctor/judge-timers.ts';

const NOW_MS = Date.parse('2026-11-29T12:00:00Z');
const run = (hoursAgo: number): NonNullable<TimerFacts['runs']['send']> => {
  const at = new Date(NOW_MS - hoursAgo * 3_600_000).toISOString();
  return { started: at, ended: at, exitCode: 0 };
};
const timer = (command: Timer['command'], traits: Partial<Timer> = {}): Timer => ({
  command,
  isThere: true,
  isEnabled: true,
  isActive: true,
  lastRun: undefined,
  ...traits,
});
const stopped = { isEnabled: false, isActive: false };
const absent = { ...stopped, isThere: false };

function wrong(timers: TimerFacts['timers'], runs: TimerFacts['runs'] = {}): string[] {
  return judgeTimers({ timers, runs, nowMs: NOW_MS }).flatMap((finding) =>
    finding.grade === 'ok' ? [] : [`${finding.grade} ${finding.check}: ${finding.what} -> ${finding.fix}`],
  );
}

describe('judgeTimers', () => {
  it.each<readonly [string, TimerFacts['timers'], TimerFacts['runs']]>([
    ['all timers run', [timer('report'), timer('send'), timer('fetch')], {}],
    ['cron runs them', [timer('report', absent), timer('send', stopped)], { report: run(20), send: run(1) }],
    ['systemd is absent and they ran', undefined, { report: run(1), send: run(1) }],
    [
      'a run that failed noted that itself',
      [timer('send', { lastRun: { endedMs: NOW_MS - 3_600_000, failure: 'exit-code 78' } })],
      { send: run(1) },
    ],
    ['nobody knows who fetches', [timer('fetch', absent)], {}],
  ])('has nothing to say where %s', (_, timers, runs) => {
    expect(wrong(timers, runs)).toEqual([]);
  });

  it.each<readonly [string, Timer, TimerFacts['runs'], RegExp]>([
    ['a timer that was stopped', timer('send', { isActive: false }), {}, /^broken.*enable --now tlsrpt-send\.timer$/],
    [
      'one that never ran',
      timer('report', stopped),
      { report: run(26) },
      /^broken.*enable --now tlsrpt-report\.timer$/,
    ],
    ['one for this boot alone', timer('fetch', { isEnabled: false }), {}, /^warning.*next boot.*enable tlsrpt-fetch/],
    ['that nothing runs it', timer('report', absent), {}, /^broken timers: Nothing runs tlsrpt report.*every hour$/],
    [
      'a timer that was stopped after it had run',
      timer('send', { ...stopped, lastRun: { endedMs: NOW_MS - 3_600_000 + 1_000, failure: undefined } }),
      { send: run(1) },
      /^broken.*enable --now tlsrpt-send\.timer$/,
    ],
    [
      'a run that failed and noted nothing',
      timer('report', { lastRun: { endedMs: NOW_MS - 60_000, failure: 'exit-code 78' } }),
      { report: run(1) },
      /^warning last-report: The last run of tlsrpt-report\.service failed at 2026-11-29T11:59:00\.000Z \(exit-code 78\)/,
    ],
    ['that fetching was stopped', timer('fetch', stopped), {}, /^broken.*enable --now tlsrpt-fetch\.timer$/],
  ])('finds %s', (_, found, runs, finding) => {
    expect(wrong([found], runs)).toEqual([expect.stringMatching(finding)]);
  });

  it('finds that nothing has run where there is no systemd', () => {
    expect(wrong(undefined, { report: run(1) })).toEqual([
      expect.stringMatching(
        /^warning timers: tlsrpt send has not run yet.* -> run tlsrpt send from cron, every few minutes$/,
      ),
    ]);
  });
});
