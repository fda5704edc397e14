/**
 * Whether what should go on does go on: the collector, and the last runs of report and send. Reads only.
 */
import type { NotedRuns } from '#store/runs.ts';
import type { CollectorSighting } from '#store/sessions.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface Health {
  /** The state directory. */
  readonly directory: string;
  readonly collector: CollectorSighting;
  /** When a datagram last reached the disk of a day that is not closed; undefined when there is no such day. */
  readonly lastDatagramMs: number | undefined;
  readonly runs: NotedRuns;
}

export function readHealth({ path, sessions, runs }: Store, nowMs: number): Health {
  return {
    directory: path,
    collector: sessions.collector(),
    lastDatagramMs: sessions.lastWrittenMs(nowMs),
    runs: runs.read(),
  };
}

/** What is wrong with the files that send needs for all days. */
export function sendProblems({ destinations, hostCounts }: Store, today: UtcDay): Problem[] {
  const problems: Problem[] = [];
  const note = (problem: Problem): unknown => problems.push(problem);
  containProblem(() => destinations.read(), note);
  containProblem(() => hostCounts.totalsOn(today), note);
  return problems;
}
