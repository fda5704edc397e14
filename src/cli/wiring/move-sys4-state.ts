/**
 * Moves what sys4's programs keep into the state directory: reports that were built, sessions that were collected.
 *
 * Reports come first (move-sys4-reports.ts), as what is seen of a day beyond them is all that is reported of it here: whoever reports the day at any
 * moment, or after a kill, repeats nothing of them. The sessions of a day (move-sys4-day.ts) stay where they are as long as its reports
 * cannot come in. A second run takes what is new. A day that is older than days are kept is left where it is.
 * Problems: foreign-database-unreadable, foreign-database-missing, and those of fetching and reporting.
 */
import { databaseMissing, dayNotMoved } from '#events/move-events.ts';
import { asWritten } from '#support/command-words.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { MoveEnding } from './move-ending.ts';
import { collectedDays, moveCollectedDay } from './move-sys4-day.ts';
import type { CollectedDay } from './move-sys4-day.ts';
import { moveReports, tellNotMoved } from './move-sys4-reports.ts';
import type { OldReporter } from './move-sys4-reports.ts';
import { openReportd } from './open-sys4-databases.ts';
import { clauseOf, isTooOld, tooOldText } from './sys4-move.ts';
import type { Move } from './sys4-move.ts';

/** How it ends. What is wrong with one day is told, and keeps nothing else from being moved. */
export async function moveSys4State(move: Move): Promise<ExitCode> {
  const { reportd, missing } = move.installation;
  for (const what of missing) move.log(databaseMissing(what));
  const ending = new MoveEnding(move.log);
  if (missing.length > 0) ending.note(exitCode.badInput);
  if (reportd === undefined) await moveSessions(move, new Set(), ending);
  else await moveAll(move, reportd, ending);
  return ending.code;
}

async function moveAll(move: Move, path: string, ending: MoveEnding): Promise<void> {
  const reporter: OldReporter = { path, database: openReportd(move.store, path) };
  try {
    const withoutReports = await moveReports(move, reporter, ending);
    const collected = await moveSessions(move, withoutReports, ending);
    tellNotMoved(reporter, collected, move);
  } finally {
    reporter.database.close();
  }
}

/** Returns the days of which the collector has something. */
async function moveSessions(
  move: Move,
  withoutReports: ReadonlySet<UtcDay>,
  ending: MoveEnding,
): Promise<ReadonlySet<UtcDay>> {
  const days = collectedDays(move.store, move.installation.collected);
  for (const one of days) {
    const said = withoutReports.has(one.day) ? WITHOUT_REPORTS : await moveDay(move, one, ending);
    move.print(`sessions of ${one.day} in ${placeOf(one)}: ${said}\n`);
  }
  return new Set(days.map(({ day }) => day));
}

const WITHOUT_REPORTS = 'not moved, as the reports about that day are not';

async function moveDay(move: Move, one: CollectedDay, ending: MoveEnding): Promise<string> {
  const { day } = one;
  if (isTooOld(day, move)) return tooOldText(move);
  if (move.dryRun) return 'would be moved';
  let said: string = 'not moved';
  await ending.within(
    (problem) => dayNotMoved(day, { path: placeOf(one), why: clauseOf(problem) }),
    async () => {
      said = await moveCollectedDay(one, { ...move, ownSources: ownSourcesOf(move.installation), ending });
      if (said === 'not moved') ending.note(exitCode.badInput);
    },
  );
  return said;
}

function placeOf({ paths }: CollectedDay): string {
  return paths.join(' and ');
}

/** By the names under which fetch knows them. The database itself may have been a source. */
function ownSourcesOf({ collected, fetchers, sources }: Sys4Installation): string[] {
  const named = [...fetchers.map((one) => ({ ...one, name: asWritten(one.words) })), ...sources];
  const own = named.filter(({ reads }) => reads === 'own').map(({ name }) => name);
  return [
    ...new Set([...own, ...collected.flatMap((path) => [path, `${path.replace(/\.yesterday$/, '')}.yesterday`])]),
  ];
}
