/**
 * The journals of a database, `STEM.N.journal`: which there are, and how one is begun.
 */
import { basename, dirname } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { removeIfPossible, syncDirectory, syncPath, writeFully } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import { lastNumberProblem } from '../store-problem.ts';
import { formatHeader } from './journal-format.ts';
import type { JournalHeader } from './journal-format.ts';

/** One for each second of three years: what has a higher number is not ours. */
const NUMBER_AND_SUFFIX = /^\.([1-9]\d{0,7})\.journal$/;

export function journalPath(stem: string, number: number): string {
  return `${stem}.${String(number)}.journal`;
}

/** The stem that a journal's file name begins with, and its number; undefined for any other name. */
export function parseJournalName(name: string): { readonly stem: string; readonly number: number } | undefined {
  const [suffix] = /\.\d+\.journal$/.exec(name) ?? [];
  if (suffix === undefined) return undefined;
  const [, number] = NUMBER_AND_SUFFIX.exec(suffix) ?? [];
  return number === undefined ? undefined : { stem: name.slice(0, -suffix.length), number: Number(number) };
}

/** Their numbers, in order. */
export function journalsOf(disk: Disk, stem: string): number[] {
  const name = basename(stem);
  return namesIn(disk, dirname(stem))
    .flatMap((entry) => {
      const journal = parseJournalName(entry);
      return journal?.stem === name ? [journal.number] : [];
    })
    .sort((one, other) => one - other);
}

/** Their paths, in order. */
export function journalPathsOf(disk: Disk, stem: string): string[] {
  return journalsOf(disk, stem).map((number) => journalPath(stem, number));
}

/** What has to be synced before all that can be read of the journals is safe: a process that was killed may not have done it. */
export function pathsToSync(disk: Disk, stem: string): string[] {
  const journals = journalPathsOf(disk, stem);
  return journals.length === 0 ? [] : [...journals, dirname(stem)];
}

function namesIn(disk: Disk, directory: string): string[] {
  try {
    return disk.list(directory);
  } catch (error) {
    // Nothing is numbered anew on one word alone: what the journals hold would be lost.
    if (errnoOf(error) === 'ENOENT' && !disk.status(directory)) return [];
    throw error;
  }
}

export interface BegunJournal {
  readonly fd: number;
  readonly header: JournalHeader;
}

/**
 * Its name lasts once its directory is synced. When it cannot be begun as a whole, nothing of it stays, or nothing that counts. One with a name by
 * which nobody would find it is not begun: somebody has left a file with the highest number.
 */
export function beginJournal(disk: Disk, stem: string, header: JournalHeader): BegunJournal {
  const path = journalPath(stem, header.number);
  if (!parseJournalName(basename(path))) throw lastNumberProblem(journalPath(stem, header.number - 1), 'a journal');
  const fd = disk.open(path, 'create-new');
  try {
    writeFully(fd, formatHeader(header), 0, disk);
    return { fd, header };
  } catch (error) {
    disk.close(fd);
    removeIfPossible(path, disk);
    throw error;
  }
}

/** Makes safe what they hold, and their names. */
export function syncJournals(disk: Disk, stem: string): void {
  for (const path of pathsToSync(disk, stem)) syncPath(path, disk);
}

/** Removes the journals with numbers below `number`; without one, all. */
export function removeJournals(disk: Disk, stem: string, number = Infinity): void {
  const old = journalsOf(disk, stem).filter((candidate) => candidate < number);
  for (const candidate of old) disk.remove(journalPath(stem, candidate));
  if (old.length > 0) syncDirectory(dirname(stem), disk);
}
