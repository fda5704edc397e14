/**
 * Whether all goes on as it should, in short: for the health check of a container, and for monitoring. Reads nothing.
 *
 * Problems: collector-not-running, last-run-failed, last-run-overdue, and what keeps the collector from writing.
 */
import type { NotedCommand, NotedRun } from '#store/runs.ts';
import { Problem } from '#support/problem.ts';
import { collectorProblems } from './read-health.ts';
import type { Health } from './read-health.ts';

/** Done, and what waits is tried again (sysexits.h). */
const FINE = [0, 75];
/** Some run it once a day, with an hour of grace. */
const LONGEST_MS = 25 * 3_600_000;

/** What has not run yet is no problem. Empty when all is well. */
export function judgeHealth(health: Health, nowMs: number): Problem[] {
  const { report, send } = health.runs;
  return [
    ...judgeCollector(health),
    ...collectorProblems(health),
    ...judgeRun('report', report, nowMs),
    ...judgeRun('send', send, nowMs),
  ];
}

function judgeCollector({ collector }: Health): Problem[] {
  switch (collector.kind) {
    case 'running':
      return [];
    case 'none':
      return [new Problem('collector-not-running', 'No collector runs on this state directory.')];
    case 'unknown':
      return [
        new Problem('collector-not-running', `It cannot be found out whether a collector runs: ${collector.why}.`),
      ];
  }
}

function judgeRun(command: NotedCommand, run: NotedRun | undefined, nowMs: number): Problem[] {
  if (!run) return [];
  const { ended, exitCode, reasons = [] } = run;
  if (!FINE.includes(exitCode)) {
    const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
    const problem = `The last ${command} ended at ${ended} with exit code ${String(exitCode)}${why}; see its log.`;
    return [new Problem('last-run-failed', problem)];
  }
  if (nowMs - Date.parse(ended) < LONGEST_MS) return [];
  return [new Problem('last-run-overdue', `The last ${command} ended at ${ended}, more than a day ago.`)];
}
