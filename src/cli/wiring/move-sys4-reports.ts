/**
 * Moves the reports that sys4's reporter built, with what became of each delivery, day by day; what is wrong with one day is told, and keeps no
 * other back. A second run takes what is new.
 * Problems: foreign-database-unreadable.
 */
import type { LogEvent } from '#events/event.ts';
import { fetchedNotMoved, namesNotMoved, reportsNotMoved, reportsOfDayNotMoved } from '#events/move-events.ts';
import { adoptReports } from '#pipeline/report/adopt-reports.ts';
import type { AdoptedReport } from '#pipeline/report/adopt-reports.ts';
import { divertDeliveries } from '#pipeline/report/divert-deliveries.ts';
import { asWritten } from '#support/command-words.ts';
import { wordsOf } from '#sys4/configuration/fetcher-command.ts';
import { shownFetcher } from '#sys4/configuration/decided-fetchers.ts';
import { reportsOf } from '#sys4/move/move-reports.ts';
import type { ReportdDatabase, UnreportedFetch } from '#sys4/move/reportd-database.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { MoveEnding } from './move-ending.ts';
import { blamingDatabase } from './open-sys4-databases.ts';
import { clauseOf, isTooOld, tooOldText } from './sys4-move.ts';
import type { Move } from './sys4-move.ts';

/** The reporter's database, and where it is. */
export interface OldReporter {
  readonly path: string;
  readonly database: ReportdDatabase;
}

/** Returns the days whose reports are not here, or not all of them, as something went wrong. */
export async function moveReports(move: Move, reporter: OldReporter, ending: MoveEnding): Promise<ReadonlySet<UtcDay>> {
  const { path, database } = reporter;
  const left = new Set<UtcDay>();
  for (const day of blamingDatabase(path, () => database.days()))
    await ending.within(
      (problem) => {
        left.add(day);
        return reportsOfDayNotMoved(day, clauseOf(problem));
      },
      async () => {
        if (await moveReportsOf(day, reporter, move)) return;
        left.add(day);
        ending.note(exitCode.badInput);
      },
    );
  return left;
}

/** False when some cannot be read. */
async function moveReportsOf(day: UtcDay, { path, database }: OldReporter, move: Move): Promise<boolean> {
  const { store, log, print, clock, dryRun, diversion } = move;
  const about = `reports about ${day} in ${path}`;
  if (isTooOld(day, move)) {
    print(`${about}: ${tooOldText(move)}\n`);
    return true;
  }
  const { reports: built, toBuildAnew, unreadable, unusable } = blamingDatabase(path, () => reportsOf(database, day));
  const reports = built.map((report) => ({ ...report, deliveries: divertDeliveries(report, diversion) }));
  if (unreadable.length > 0) log(reportsNotMoved(day, unreadable));
  if (unusable.length > 0) log(namesNotMoved(day, unusable));
  const adopted = dryRun ? 0 : await adoptReports(store, day, { reports, nowMs: clock.nowMs() });
  const said = dryRun ? 'would be moved' : adopted > 0 || reports.length === 0 ? 'moved' : 'moved already';
  const anew = toBuildAnew > 0 ? `, ${String(toBuildAnew)} left to tlsrpt report, as nobody was to get them` : '';
  print(`${about}: ${said}, ${countsOf(reports)}${anew}\n`);
  return unreadable.length === 0;
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

/** Says what the reporter has fetched of other hosts, or of days that are not in `collected`, and reported nothing of. */
export function tellNotMoved(
  { path, database }: OldReporter,
  collected: ReadonlySet<UtcDay>,
  { installation, log }: Pick<Move, 'installation' | 'log'>,
): void {
  for (const fetch of blamingDatabase(path, () => database.unreported()))
    if (!isMoved(fetch, installation, collected)) log(notMoved(fetch));
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
