/**
 * Opens the databases of sys4's programs where those left them.
 *
 * Problems: foreign-database-unreadable.
 */
import { closeSync, openSync, statSync } from 'node:fs';
import type { Store } from '#store/store.ts';
import { currentUserName } from '#support/become-user.ts';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import { ReportdDatabase } from '#sys4/move/reportd-database.ts';
import { Sys4Database } from '#sys4/sys4-database.ts';
import { sys4ProgramsUsing } from './sys4-programs.ts';

/** Throws for the first that cannot be moved. */
export function checkSys4Databases(store: Store, { collected, reportd }: Sys4Installation): void {
  for (const path of collected) openCollected(store, path).close();
  if (reportd !== undefined) openReportd(store, reportd).close();
}

export function openCollected(store: Store, path: string): Sys4Database {
  return opened(path, () => Sys4Database.open(store, path));
}

export function openReportd(store: Store, path: string): ReportdDatabase {
  return opened(path, () => ReportdDatabase.open(store, path));
}

type Opening<T> =
  { readonly kind: 'opened'; readonly database: T } | { readonly kind: 'damaged'; readonly why: string };

function opened<T>(path: string, open: () => Opening<T>): T {
  return blamingDatabase(path, () => {
    requireReadable(path);
    requireWhole(path);
    const opening = open();
    if (opening.kind === 'opened') return opening.database;
    throw writtenMeanwhile(path) ?? unreadable(path, `${opening.why}.`);
  });
}

/** Whatever is thrown while the database at `path` is read, it or its disk is to blame, and not our state directory; but for our own mistakes. */
export function blamingDatabase<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    if (error instanceof Problem && error.code === 'foreign-database-unreadable') throw error;
    const written = writtenMeanwhile(path, error);
    if (written) throw written;
    throw unreadable(path, `${messageOf(error instanceof Problem ? error.cause : error)}.`, error);
  }
}

function requireReadable(path: string): void {
  try {
    closeSync(openSync(path, 'r'));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw unreadable(
      path,
      `${messageOf(error)}. The state directory's user ${currentUserName()} has to read it.`,
      error,
    );
  }
}

/**
 * What a program is writing to is no sound database all the time: SQLite puts a part of a large transaction into the file before it commits. Undefined
 * where no program is at work on it.
 */
function writtenMeanwhile(path: string, cause?: unknown): Problem | undefined {
  const users = sys4ProgramsUsing([path]);
  if (users.length === 0) return undefined;
  const why = `it cannot be made out while it is written to (${users.join('; ')}). Run this again, or stop that program first.`;
  return unreadable(path, why, cause);
}

/**
 * What SQLite has to roll back is in the file as well, and what is in its write-ahead log is not. While its program is at work, as with --dry-run, a
 * journal is no such thing: that keeps one for seconds, and as long as it is small what it has not committed is not in the file yet.
 */
function requireWhole(path: string): void {
  const isThere = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const left = [`${path}-journal`, `${path}-wal`].find(isThere);
  if (left === undefined || (left.endsWith('-journal') && sys4ProgramsUsing([path]).length > 0)) return;
  throw unreadable(
    path,
    `its program was killed while it wrote, and left ${left}. Start that program once more and stop it.`,
  );
}

function unreadable(path: string, why: string, cause?: unknown): Problem {
  return new Problem('foreign-database-unreadable', `${path} cannot be moved: ${why}`, { cause });
}
