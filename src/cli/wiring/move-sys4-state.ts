/**
 * Moves what sys4's programs keep into the state directory: sessions that were collected, reports that were built.
 *
 * Sessions come in by move-sys4-day.ts. Reports come in with what became of each delivery, so what is seen of a
 * day beyond them is all that is reported of it here. A second run takes what is new. A day that is older than days are kept is left where it is.
 * Problems: foreign-database-unreadable, foreign-database-missing, and those of fetching and reporting.
 */
import type { LogEvent } from '#events/event.ts';
import {
  databaseMissing,
  dayNotMoved,
  fetchedNotMoved,
  reportsNotMoved,
  reportsOfDayNotMoved,
} from '#events/move-events.ts';
import { adoptReports } from '#pipeline/report/adopt-reports.ts';
import type { AdoptedReport } from '#pipeline/report/adopt-reports.ts';
import { divertDeliveries } from '#pipeline/report/divert-deliveries.ts';
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import type { Store } from '#store/store.ts';
import { asWritten } from '#support/command-words.ts';
import type { Problem } from '#support/problem.ts';
import { wordsOf } from '#sys4/configuration/fetcher-command.ts';
import { shownFetcher } from '#sys4/configuration/decided-fetchers.ts';
import { reportsOf } from '#sys4/move/move-reports.ts';
import type { ReportdDatabase, UnreportedFetch } from '#sys4/move/reportd-database.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { MoveEnding } from './move-ending.ts';
import { collectedDays, moveCollectedDay } from './move-sys4-day.ts';
import type { CollectedDay } from './move-sys4-day.ts';
import { blamingDatabase, openReportd } from './open-sys4-databases.ts';

export interface Move extends Pick<Invocation, 'clock' | 'log' | 'print'> {
  readonly store: Store;
  readonly installation: Sys4Installation;
  /** What stands for the debug settings of its reporter. */
  readonly diversion: DestinationMaps;
  /** True to say what there is, and change nothing. */
  readonly dryRun: boolean;
  readonly deadlineMs: number;
  /** How long days are kept. */
  readonly keepDays: number;
}

/** How it ends. What is wrong with one day is told, and keeps nothing else from being moved. */
export async function moveSys4State(move: Move): Promise<ExitCode> {
  const { collected, reportd, missing } = move.installation;
  for (const what of missing) move.log(databaseMissing(what));
  const ending = new MoveEnding(move.log);
  if (missing.length > 0) ending.note(exitCode.badInput);
  const days = collectedDays(move.store, collected);
  for (const one of days) await moveDay(move, one, ending);
  if (reportd !== undefined) await moveReports(move, { path: reportd, days, ending });
  return ending.code;
}

async function moveDay(move: Move, one: CollectedDay, ending: MoveEnding): Promise<void> {
  const { day } = one;
  const path = one.paths.join(' and ');
  const ownSources = ownSourcesOf(move.installation);
  let said: string = 'not moved';
  if (isTooOld(day, move)) said = tooOldText(move);
  else if (move.dryRun) said = 'would be moved';
  else
    await ending.within(
      (problem) => dayNotMoved(day, { path, why: clauseOf(problem) }),
      async () => {
        said = await moveCollectedDay(one, { ...move, ownSources });
        if (said === 'not moved') ending.note(exitCode.badInput);
      },
    );
  move.print(`sessions of ${day} in ${path}: ${said}\n`);
}

/** By the clock, as with the days that go: one that went would be reported a second time. With a clock that is wrong it can be moved later. */
function isTooOld(day: UtcDay, { clock, keepDays }: Move): boolean {
  return day < daysBefore(utcDayOf(clock.nowMs()), keepDays);
}

function tooOldText({ keepDays }: Move): string {
  return `not moved, as the day is older than keep_days (${String(keepDays)})`;
}

/** By the names under which fetch knows them. The database itself may have been a source. */
function ownSourcesOf({ collected, fetchers, sources }: Sys4Installation): string[] {
  const named = [...fetchers.map((one) => ({ ...one, name: asWritten(one.words) })), ...sources];
  const own = named.filter(({ reads }) => reads === 'own').map(({ name }) => name);
  return [
    ...new Set([...own, ...collected.flatMap((path) => [path, `${path.replace(/\.yesterday$/, '')}.yesterday`])]),
  ];
}

interface ReportsMove {
  /** Of the reporter's database. */
  readonly path: string;
  /** Those that the collector's databases have. */
  readonly days: readonly CollectedDay[];
  readonly ending: MoveEnding;
}

async function moveReports(move: Move, { path, days, ending }: ReportsMove): Promise<void> {
  const collected = new Set(days.map(({ day }) => day));
  const database = openReportd(move.store, path);
  try {
    for (const day of blamingDatabase(path, () => database.days()))
      await ending.within(
        (problem) => reportsOfDayNotMoved(day, clauseOf(problem)),
        () => {
          moveReportsOf(day, database, { ...move, path });
        },
      );
    for (const fetch of blamingDatabase(path, () => database.unreported()))
      if (!isMoved(fetch, move.installation, collected)) move.log(notMoved(fetch));
  } finally {
    database.close();
  }
}

function moveReportsOf(day: UtcDay, database: ReportdDatabase, move: Move & { readonly path: string }): void {
  const { store, log, print, clock, dryRun, diversion, path } = move;
  const about = `reports about ${day} in ${path}`;
  if (isTooOld(day, move)) {
    print(`${about}: ${tooOldText(move)}\n`);
    return;
  }
  const { reports: built, unreadable } = blamingDatabase(path, () => reportsOf(database, day));
  const reports = built.map((report) => ({ ...report, deliveries: divertDeliveries(report, diversion) }));
  if (unreadable.length > 0) log(reportsNotMoved(day, unreadable));
  const adopted = dryRun ? 0 : adoptReports(store, day, { reports, nowMs: clock.nowMs() });
  const said = dryRun ? 'would be moved' : adopted > 0 || reports.length === 0 ? 'moved' : 'moved already';
  print(`${about}: ${said}, ${countsOf(reports)}\n`);
}

/** Its message within a sentence. */
function clauseOf({ message }: Problem): string {
  return message.replace(/\.$/, '');
}

/** What came from this host's own collector is in its database, as long as that has the day. */
function isMoved(
  { day, fetcher }: UnreportedFetch,
  { fetchers }: Sys4Installation,
  collected: ReadonlySet<UtcDay>,
): boolean {
  const command = asWritten(wordsOf(fetcher));
  return collected.has(day) && fetchers.some(({ words, reads }) => reads === 'own' && asWritten(words) === command);
}

function notMoved({ day, fetcher, domains }: UnreportedFetch): LogEvent {
  return fetchedNotMoved(day, { fetcher: shownFetcher(wordsOf(fetcher)), domains });
}

function countsOf(reports: readonly AdoptedReport[]): string {
  const deliveries = reports.flatMap((report) => report.deliveries);
  const states = ['delivered', 'queued', 'expired', 'refused'] as const;
  const counts = states.map((state) => [state, deliveries.filter((one) => one.state === state).length] as const);
  return counts
    .filter(([state, count]) => count > 0 || state === 'delivered')
    .map(([state, count]) => `${String(count)} ${state}`)
    .join(', ');
}
