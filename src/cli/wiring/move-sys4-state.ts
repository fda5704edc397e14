/**
 * Moves what sys4's programs keep into the state directory: sessions that were collected, reports that were built.
 *
 * Sessions come in by the way of fetch, as days of another host. Reports come in with what became of each delivery, so what is seen of a
 * day beyond them is all that is reported of it here. A second run changes nothing.
 * Problems: foreign-database-unreadable, foreign-database-missing, and those of fetching and reporting.
 */
import { localFile } from '#adapters/directory/local-file.ts';
import { databaseMissing, reportsNotMoved } from '#events/move-events.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import { adoptReports } from '#pipeline/report/adopt-reports.ts';
import type { AdoptedReport } from '#pipeline/report/adopt-reports.ts';
import { divertDeliveries } from '#pipeline/report/divert-deliveries.ts';
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import type { Store } from '#store/store.ts';
import { reportsOf } from '#sys4/move/move-reports.ts';
import { sys4Source } from '#sys4/sys4-source.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import { blamingDatabase, openCollected, openReportd } from './open-sys4-databases.ts';

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
  for (const path of collected)
    for (const day of daysIn(move.store, path)) isWhole = (await moveDay(move, path, day)) && isWhole;
  if (reportd !== undefined) moveReports(move, reportd);
  return isWhole;
}

function daysIn(store: Store, path: string): UtcDay[] {
  const database = openCollected(store, path);
  try {
    return blamingDatabase(path, () => database.daysWithSessions());
  } finally {
    database.close();
  }
}

async function moveDay({ store, log, print, dryRun, deadlineMs }: Move, path: string, day: UtcDay): Promise<boolean> {
  if (dryRun) {
    print(`sessions of ${day} in ${path}: would be moved\n`);
    return true;
  }
  const sources = [sys4Source(localFile(path), store, { isWritten: false })];
  const [row] = await fetchDay({ store, day, partial: false, deadlineMs, sources, log });
  const isHere = row?.result === 'fetched' || row?.result === 'already-fetched';
  print(`sessions of ${day} in ${path}: ${isHere ? 'moved' : 'not moved'}\n`);
  return isHere;
}

function moveReports({ store, log, print, clock, dryRun, diversion }: Move, path: string): void {
  const database = openReportd(store, path);
  try {
    for (const day of blamingDatabase(path, () => database.days())) {
      const { reports: built, unreadable } = blamingDatabase(path, () => reportsOf(database, day));
      const reports = built.map((report) => ({ ...report, deliveries: divertDeliveries(report, diversion) }));
      if (unreadable.length > 0) log(reportsNotMoved(day, unreadable));
      if (!dryRun) adoptReports(store, day, { reports, nowMs: clock.nowMs() });
      print(`reports about ${day} in ${path}: ${dryRun ? 'would be moved' : 'moved'}, ${countsOf(reports)}\n`);
    }
  } finally {
    database.close();
  }
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
