/**
 * Moves what sys4's programs keep into the state directory: sessions that were collected, reports that were built.
 *
 * Sessions come in by move-sys4-day.ts. Reports come in with what became of each delivery, so what is seen of a
 * day beyond them is all that is reported of it here. A second run takes what is new.
 * Problems: foreign-database-unreadable, foreign-database-missing, and those of fetching and reporting.
 */
import type { LogEvent } from '#events/event.ts';
import { databaseMissing, fetchedNotMoved, reportsNotMoved } from '#events/move-events.ts';
import { adoptReports } from '#pipeline/report/adopt-reports.ts';
import type { AdoptedReport } from '#pipeline/report/adopt-reports.ts';
import { divertDeliveries } from '#pipeline/report/divert-deliveries.ts';
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import type { Store } from '#store/store.ts';
import { asWritten } from '#support/command-words.ts';
import { wordsOf } from '#sys4/configuration/fetcher-command.ts';
import { shownFetcher } from '#sys4/configuration/decided-fetchers.ts';
import { reportsOf } from '#sys4/move/move-reports.ts';
import type { UnreportedFetch } from '#sys4/move/reportd-database.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
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
}

/** False when something was not moved, which is told. */
export async function moveSys4State(move: Move): Promise<boolean> {
  const { collected, reportd, missing } = move.installation;
  for (const what of missing) move.log(databaseMissing(what));
  let isWhole = missing.length === 0;
  const days = collectedDays(move.store, collected);
  for (const one of days) isWhole = (await moveDay(move, one)) && isWhole;
  if (reportd !== undefined) moveReports(move, reportd, new Set(days.map(({ day }) => day)));
  return isWhole;
}

async function moveDay(move: Move, one: CollectedDay): Promise<boolean> {
  const ownSources = ownSourcesOf(move.installation);
  const said = move.dryRun ? 'would be moved' : await moveCollectedDay(one, { ...move, ownSources });
  move.print(`sessions of ${one.day} in ${one.paths.join(' and ')}: ${said}\n`);
  return said !== 'not moved';
}

/** By the names under which fetch knows them. The database itself may have been a source. */
function ownSourcesOf({ collected, fetchers, sources }: Sys4Installation): string[] {
  const named = [...fetchers.map((one) => ({ ...one, name: asWritten(one.words) })), ...sources];
  const own = named.filter(({ reads }) => reads === 'own').map(({ name }) => name);
  return [
    ...new Set([...own, ...collected.flatMap((path) => [path, `${path.replace(/\.yesterday$/, '')}.yesterday`])]),
  ];
}

/** `collected` are the days that the collector's databases have. */
function moveReports(move: Move, path: string, collected: ReadonlySet<UtcDay>): void {
  const { store, log, print, clock, dryRun, diversion } = move;
  const database = openReportd(store, path);
  try {
    for (const day of blamingDatabase(path, () => database.days())) {
      const { reports: built, unreadable } = blamingDatabase(path, () => reportsOf(database, day));
      const reports = built.map((report) => ({ ...report, deliveries: divertDeliveries(report, diversion) }));
      if (unreadable.length > 0) log(reportsNotMoved(day, unreadable));
      const adopted = dryRun ? 0 : adoptReports(store, day, { reports, nowMs: clock.nowMs() });
      const said = dryRun ? 'would be moved' : adopted > 0 || reports.length === 0 ? 'moved' : 'moved already';
      print(`reports about ${day} in ${path}: ${said}, ${countsOf(reports)}\n`);
    }
    for (const fetch of blamingDatabase(path, () => database.unreported()))
      if (!isMoved(fetch, move.installation, collected)) log(notMoved(fetch));
  } finally {
    database.close();
  }
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
