/**
 * Whether what should go on does go on: the collector, and the last runs of report and send. Reads only.
 */
import type { CollectorTrouble } from '#store/collector-note.ts';
import type { NotedRuns } from '#store/runs.ts';
import type { CollectorSighting } from '#store/sessions/sessions.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import { Problem } from '#support/problem.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface Health {
  /** The state directory. */
  readonly directory: string;
  readonly collector: CollectorSighting;
  /** When something last came, to the minute; undefined when that is not known. */
  readonly lastDatagramMs: number | undefined;
  readonly runs: NotedRuns;
  /** Why nothing can be stored or reported, whoever tries. */
  readonly identityTrouble: Problem | undefined;
}

export function readHealth(store: Store, nowMs: number): Health {
  const { path, sessions, runs } = store;
  return {
    directory: path,
    identityTrouble: store.identityTrouble(),
    collector: sessions.collector(),
    lastDatagramMs: sessions.lastDatagramMs(nowMs),
    runs: runs.read(),
  };
}

/** What keeps a collector from writing, and from adding up. That of the identity is there whether one runs or not. */
export function collectorProblems({ collector, identityTrouble }: Health): Problem[] {
  const ofDirectory = identityTrouble ? [identityTrouble] : [];
  if (collector.kind !== 'running') return ofDirectory;
  const { holder, trouble, tallyTrouble } = collector;
  return [
    ...ofDirectory,
    ...(trouble ? [notWritten(holder, trouble)] : []),
    ...(tallyTrouble ? [notAddedUp(holder, tallyTrouble)] : []),
  ];
}

function notWritten(holder: string, { code, sinceMs }: CollectorTrouble): Problem {
  return new Problem(
    code,
    `The collector (${holder}) cannot write what it receives since ${new Date(sinceMs).toISOString()}: it keeps that in memory, ` +
      'as far as there is room. Its log says what refuses; mend that while it runs, as what is in memory is lost when it ends.',
  );
}

function notAddedUp(holder: string, { code, sinceMs }: CollectorTrouble): Problem {
  return new Problem(
    code,
    `The collector (${holder}) cannot add up all of what it received since ${new Date(sinceMs).toISOString()}. Its log says which day that ` +
      'is, what refuses, and what becomes of it (checkpoint-failed); it is tried again until it works.',
  );
}

/** What is wrong with the files that send needs for all days. */
export function sendProblems({ destinations, hostCounts }: Store, today: UtcDay): Problem[] {
  const problems: Problem[] = [];
  const note = (problem: Problem): unknown => problems.push(problem);
  containProblem(() => destinations.read(), note);
  containProblem(() => hostCounts.totalsOn(today), note);
  return problems;
}

/** There may be many of them, and what is older was looked at before. */
const INBOUND_DAYS = 31;

/** What is wrong with what others reported of the last days. */
export function inboundProblems({ inbound }: Store, today: UtcDay): Problem[] {
  const problems: Problem[] = [];
  const note = (problem: Problem): unknown => problems.push(problem);
  const days = containProblem(() => inbound.days(), note) ?? [];
  for (const day of days.filter((one) => one >= daysBefore(today, INBOUND_DAYS)))
    containProblem(() => {
      inbound.check(day);
    }, note);
  return problems;
}
