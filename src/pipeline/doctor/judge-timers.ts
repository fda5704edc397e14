/**
 * Whether something will run report, send and fetch: a timer of systemd, or whatever has run them lately.
 */
import type { NotedRun } from '#store/runs.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { LONGEST_MS } from './longest-silence.ts';

export interface Timer {
  readonly command: 'report' | 'send' | 'fetch';
  readonly isThere: boolean;
  /** At the next boot. */
  readonly isEnabled: boolean;
  readonly isActive: boolean;
}

export interface TimerFacts {
  /** Undefined where systemd does not run. */
  readonly timers: readonly Timer[] | undefined;
  readonly runs: Readonly<Partial<Record<'report' | 'send', NotedRun | undefined>>>;
  readonly nowMs: number;
}

const { ok, warning, broken } = findingsOf('timers');

export function judgeTimers({ timers, runs, nowMs }: TimerFacts): Finding[] {
  if (!timers) return (['report', 'send'] as const).filter((command) => !runs[command]).map(neverRan);
  return timers.flatMap((timer) => {
    const run = timer.command === 'fetch' ? undefined : runs[timer.command];
    return judgeTimer(timer, run !== undefined && nowMs - Date.parse(run.ended) < LONGEST_MS);
  });
}

function judgeTimer({ command, isThere, isEnabled, isActive }: Timer, hasRunLately: boolean): Finding[] {
  const unit = `tlsrpt-${command}.timer`;
  if (isActive && isEnabled) return [ok(`${unit} is active.`)];
  if (isActive) return [warning(`${unit} will not be started at the next boot.`, `systemctl enable ${unit}`)];
  if (hasRunLately) return [ok(`${unit} is not active, but something runs tlsrpt ${command}.`)];
  if (isThere) return [broken(`${unit} is not active.`, `systemctl enable --now ${unit}`)];
  // Who runs it by cron or by hand leaves no trace of it.
  if (command === 'fetch') return [];
  return [
    broken(
      `Nothing runs tlsrpt ${command}: there is no ${unit}.`,
      `install the units of the package, or ${byCron(command)}`,
    ),
  ];
}

function neverRan(command: 'report' | 'send'): Finding {
  return warning(`tlsrpt ${command} has not run yet, and there is no systemd to run it.`, byCron(command));
}

function byCron(command: 'report' | 'send'): string {
  return `run tlsrpt ${command} from cron, ${command === 'report' ? 'every hour' : 'every few minutes'}`;
}
