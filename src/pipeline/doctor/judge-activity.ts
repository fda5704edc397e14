/**
 * Whether what should go on does go on: the collector, and the runs of report and send. What has not run yet is no trouble.
 */
import type { CollectorTrouble } from '#store/collector-note.ts';
import type { NotedRun } from '#store/runs.ts';
import type { CollectorSighting } from '#store/sessions/sessions.ts';
import { handlingOf } from './collector-handling.ts';
import type { CollectorHandling } from './collector-handling.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { LONGEST_MS } from './longest-silence.ts';

export interface ActivityFacts {
  readonly collector: CollectorSighting;
  /** False on a host that reports what others collect: with no Postfix, none runs because none should. */
  readonly hasPostfix: boolean;
  /** Whether what mends something else starts the collector. */
  readonly isStartedAnyway: boolean;
  /** Whether systemd runs here, and knows tlsrpt.service. */
  readonly hasUnit: boolean;
  /** When something last came; undefined when nothing has yet. */
  readonly lastDatagramMs: number | undefined;
  readonly runs: Readonly<Partial<Record<'report' | 'send', NotedRun | undefined>>>;
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;
/** Done, and what waits is tried again (sysexits.h). */
const FINE = [0, 75];

export function judgeActivity(facts: ActivityFacts): Finding[] {
  const { collector, hasPostfix, lastDatagramMs, nowMs } = facts;
  const collects = hasPostfix || collector.kind === 'running';
  return [
    ...(collects ? [...judgeCollector(facts), ...judgeAge(lastDatagramMs, nowMs)] : []),
    ...judgeRun('report', facts),
    ...judgeRun('send', facts),
  ];
}

const ofCollector = findingsOf('collector');

function judgeCollector({ collector, isStartedAnyway, hasUnit }: ActivityFacts): Finding[] {
  const handling = handlingOf(hasUnit);
  switch (collector.kind) {
    case 'running':
      if (collector.trouble) return [judgeTrouble(collector.holder, collector.trouble, handling)];
      if (collector.tallyTrouble) return [judgeTallyTrouble(collector.holder, collector.tallyTrouble, handling)];
      return [ofCollector.ok(`The collector runs: ${collector.holder}.`)];
    case 'none':
      return isStartedAnyway ? [] : [noCollector(handling)];
    case 'unknown':
      return [ofCollector.warning(`It is not known whether a collector runs: ${collector.why}.`, 'run this as root')];
  }
}

function noCollector({ start, log }: CollectorHandling): Finding {
  return ofCollector.broken('No collector runs.', `${start}, and see ${log} if it ends`);
}

function judgeTrouble(holder: string, { code, sinceMs }: CollectorTrouble, { log }: CollectorHandling): Finding {
  return ofCollector.broken(
    `The collector (${holder}) cannot write what comes since ${new Date(sinceMs).toISOString()} (${code}).`,
    `see ${log} for what refuses, and mend that while it runs: what is in memory is lost when it ends`,
  );
}

function judgeTallyTrouble(holder: string, { code, sinceMs }: CollectorTrouble, { log }: CollectorHandling): Finding {
  return ofCollector.broken(
    `The collector (${holder}) cannot add up all of what came since ${new Date(sinceMs).toISOString()} (${code}).`,
    `see ${log} for what refuses (checkpoint-failed), and mend that`,
  );
}

function judgeAge(lastMs: number | undefined, nowMs: number): Finding[] {
  if (lastMs === undefined || nowMs - lastMs < LONGEST_MS) return [];
  return [
    findingsOf('last-datagram').warning(
      `Nothing has come for ${hours(nowMs - lastMs)} hours.`,
      'see whether mail goes out, and whether Postfix logs "Could not report"',
    ),
  ];
}

function judgeRun(command: 'report' | 'send', { runs, nowMs, hasUnit }: ActivityFacts): Finding[] {
  const run = runs[command];
  const { ok, warning } = findingsOf(`last-${command}`);
  if (!run) return [];
  const ageMs = nowMs - Date.parse(run.ended);
  const why = (run.reasons ?? []).join(', ');
  if (!FINE.includes(run.exitCode))
    return [
      warning(
        `The last ${command} ended with ${String(run.exitCode)}${why === '' ? '' : ` (${why})`}.`,
        `run tlsrpt ${command} by hand and see what it says`,
      ),
    ];
  if (ageMs < LONGEST_MS) return [ok(`The last ${command} ended at ${run.ended}.`)];
  return [
    warning(
      `The last ${command} was ${hours(ageMs)} hours ago.`,
      hasUnit
        ? `systemctl enable --now tlsrpt-${command}.timer, or whatever runs it here`
        : `see to it that what runs it here does: cron, or tlsrpt run`,
    ),
  ];
}

function hours(ms: number): string {
  return String(Math.floor(ms / HOUR_MS));
}
