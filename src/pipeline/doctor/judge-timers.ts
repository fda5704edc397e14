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
  /** Of its service; undefined when that has not run since the machine was started. */
  readonly lastRun: ServiceRun | undefined;
}

export interface ServiceRun {
  readonly endedMs: number;
  /** Undefined when it ended as it should. */
  readonly failure: string | undefined;
}

export interface TimerFacts {
  /** Undefined where systemd does not run. */
  readonly timers: readonly Timer[] | undefined;
  readonly runs: Readonly<Partial<Record<'report' | 'send', NotedRun | undefined>>>;
  readonly nowMs: number;
}

const { ok, warning, broken } = findingsOf('timers');
/** Between the note of a run and the end of its process. */
const SAME_RUN_MS = 10_000;

export function judgeTimers({ timers, runs, nowMs }: TimerFacts): Finding[] {
  if (!timers) return (['report', 'send'] as const).filter((command) => !runs[command]).map(neverRan);
  return timers.flatMap((timer) => {
    const run = timer.command === 'fetch' ? undefined : runs[timer.command];
    const endedMs = run && Date.parse(run.ended);
    return [
      ...judgeTimer(timer, endedMs !== undefined && nowMs - endedMs < LONGEST_MS && !isOf(timer, endedMs)),
      ...judgeService(timer, endedMs),
    ];
  });
}

/** What has run by this very timer will not run by it again when it is stopped. */
function isOf({ lastRun }: Timer, endedMs: number): boolean {
  return lastRun !== undefined && Math.abs(lastRun.endedMs - endedMs) < SAME_RUN_MS;
}

/** A run that ends before it has read its settings notes nothing; systemd knows of it. */
function judgeService({ command, lastRun }: Timer, notedMs: number | undefined): Finding[] {
  if (lastRun?.failure === undefined) return [];
  if (notedMs !== undefined && notedMs > lastRun.endedMs - SAME_RUN_MS) return [];
  const service = `tlsrpt-${command}.service`;
  return [
    findingsOf(`last-${command}`).warning(
      `The last run of ${service} failed at ${new Date(lastRun.endedMs).toISOString()} (${lastRun.failure}).`,
      `see journalctl -u ${service} for what it says, mend that, and systemctl start ${service}`,
    ),
  ];
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
