/**
 * Moves a day that sys4's collector counted into the state directory, by the way of fetch: as a day of another host.
 *
 * A second run takes what the collector counted since, and never less than is here. What is in the open file in mid-day is in the one of
 * yesterday after midnight, and is one day of one source in both. A day that was fetched by a fetcher of this host before is not moved.
 * Problems: foreign-database-unreadable, and those of fetching.
 */
import { localFile } from '#adapters/directory/local-file.ts';
import { fewerSessions } from '#events/move-events.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { Store } from '#store/store.ts';
import { asWritten, commandWords } from '#support/command-words.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import { sys4Source } from '#sys4/sys4-source.ts';
import { readSys4Tally } from '#sys4/sys4-tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import { blamingDatabase, openCollected } from './open-sys4-databases.ts';

/** A day in a file of the collector. */
export interface CollectedDay {
  readonly path: string;
  readonly day: UtcDay;
}

export interface DayMove extends Pick<Invocation, 'log'> {
  readonly store: Store;
  readonly installation: Pick<Sys4Installation, 'ownFetchers'>;
  readonly deadlineMs: number;
}

export type DayMoved = 'moved' | 'moved already' | 'moved, with what came since' | 'not moved';

const MOVED_ASIDE = '.yesterday';

export function collectedDays(store: Store, paths: readonly string[]): CollectedDay[] {
  return paths.flatMap((path) => {
    const database = openCollected(store, path);
    try {
      return blamingDatabase(path, () => database.daysWithSessions()).map((day) => ({ path, day }));
    } finally {
      database.close();
    }
  });
}

/** `all` is what there is besides: where both files have a part of the day, they are two sources. */
export async function moveCollectedDay(
  { path, day }: CollectedDay,
  all: readonly CollectedDay[],
  { store, installation, log, deadlineMs }: DayMove,
): Promise<DayMoved> {
  const isInBoth = all.some((other) => other.day === day && other.path !== path);
  const name = isInBoth || path.endsWith(MOVED_ASIDE) ? path : `${path}${MOVED_ASIDE}`;
  if (wasFetched(store, day, installation.ownFetchers)) return 'moved already';
  const before = store.fetched.digestOf(store.fetched.folderOf(name), day);
  if (before !== undefined && hasFewer(store, { path, day }, { name, log })) return 'not moved';
  const sources = [sys4Source({ ...localFile(path), name }, store, { isWritten: false })];
  const [row] = await fetchDay({ store, day, partial: false, deadlineMs, sources, log });
  if (row?.result !== 'fetched') return 'not moved';
  if (before === undefined) return 'moved';
  const after = store.fetched.digestOf(store.fetched.folderOf(name), day);
  return before === after ? 'moved already' : 'moved, with what came since';
}

function wasFetched({ fetched }: Store, day: UtcDay, fetchers: readonly string[]): boolean {
  const commands = fetchers.map(commandWords).filter((words) => words !== undefined);
  return commands.some((words) => fetched.days(fetched.folderOf(asWritten(words))).includes(day));
}

/** It was begun anew, or belongs to somebody else by now. */
function hasFewer(
  store: Store,
  { path, day }: CollectedDay,
  { name, log }: Pick<DayMove, 'log'> & { readonly name: string },
): boolean {
  const [there, here] = [sessionsThere(store, path, day), sessionsHere(store, name, day)];
  if (there >= here) return false;
  log(fewerSessions(day, { path, there, here }));
  return true;
}

function sessionsThere(store: Store, path: string, day: UtcDay): number {
  const database = openCollected(store, path);
  try {
    return blamingDatabase(path, () =>
      [...database.tallies(day)].reduce((sum, row) => sum + sessionsOf(readSys4Tally(row).tallies), 0),
    );
  } finally {
    database.close();
  }
}

function sessionsHere({ fetched }: Store, name: string, day: UtcDay): number {
  const reader = fetched.read(fetched.folderOf(name), day);
  try {
    return sessionsOf(reader?.domainTallies() ?? []);
  } finally {
    reader?.close();
  }
}

function sessionsOf(tallies: Iterable<DomainTally>): number {
  let sum = 0;
  for (const { policies } of tallies) for (const { successful, failed } of policies) sum += successful + failed;
  return sum;
}
