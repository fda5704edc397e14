/**
 * What another program had counted of a day on this host before its work came here: `sessions/DAY.moved-N.sqlite`, ordinary day files.
 *
 * It belongs to this host's own day. Whoever closes the day puts it into the snapshot, which notes of each piece by a counter that it is in; so
 * each piece counts once, whatever a crash leaves. Until then readers of this host's own day add it to what they read. The pieces stay as long as
 * the day does: by them a later move finds out what came since.
 */
import { basename, dirname } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { applyChanges } from '../durable/changes.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import { closedOnFailure } from '../durable/sqlite.ts';
import type { SqliteDatabase } from '../durable/sqlite.ts';
import { sessionDayKind, SessionDayReader } from './session-day.ts';
import { reading, StoreProblem } from '../store-problem.ts';
import { removeUnreadable, restoreTally } from '../tally/restore-tally.ts';
import { changesOf } from '../tally/session-changes.ts';
import { SessionTally } from '../tally/session-tally.ts';

/** Text that is held in memory until it goes into the database. */
const MOST_UNSTORED_BYTES = 262_144;

/** A day that pieces are counted in. */
export interface GrowingDay {
  readonly database: SqliteDatabase;
  /** Of what is in the database, and behind it. */
  readonly tally: SessionTally;
  /** Brings what is in the tally alone into the database. */
  readonly store: () => void;
}

export interface MovedCount {
  /** How many pieces are new in the day. */
  readonly counted: number;
  /** What had to be left out, as sentences. */
  readonly leftOut: readonly string[];
}

/** The stems of the pieces of the day at `stem`, in the order of their numbers. */
export function movedStemsOf(disk: Disk, stem: string): string[] {
  return movedNumbersOf(disk, stem).map((number) => movedStem(stem, number));
}

/** A piece that is still to be written. */
export function nextMovedStem(disk: Disk, stem: string): string {
  return movedStem(stem, (movedNumbersOf(disk, stem).at(-1) ?? 0) + 1);
}

/** Counts the pieces that are not in the day yet, but for those that are damaged. */
export function countMoved(context: DatabaseContext, stem: string, day: GrowingDay): MovedCount {
  const leftOut: string[] = [];
  let counted = 0;
  for (const piece of missingFrom(day.database, movedStemsOf(context.disk, stem))) {
    const opening = openPiece(context, piece);
    if (opening.kind === 'damaged') {
      leftOut.push(`${piece}.sqlite is damaged (${opening.why}), and what was moved with it is left out`);
      continue;
    }
    try {
      countPiece(opening.reader, day);
    } finally {
      opening.reader.close();
    }
    applyChanges(day.database, sessionDayKind, [['count', { name: counterOf(piece), value: 1 }]]);
    counted += 1;
  }
  return { counted, leftOut };
}

/** The same for a day that is only read. */
export function addMoved(context: DatabaseContext, stem: string, database: SqliteDatabase): readonly string[] {
  if (missingFrom(database, movedStemsOf(context.disk, stem)).length === 0) return [];
  const { tally, unreadable } = restoreTally(new SessionTally(), database);
  removeUnreadable(database, unreadable);
  const store = (): void => {
    applyChanges(database, sessionDayKind, changesOf(tally.changes()));
    tally.settle();
  };
  return countMoved(context, stem, { database, tally, store }).leftOut;
}

/** As much at a time as memory is to hold. */
function countPiece(reader: SessionDayReader, { tally, store }: GrowingDay): void {
  for (const one of reader.domainTallies()) {
    tally.addTally(one);
    if (tally.unstoredBytes > MOST_UNSTORED_BYTES) store();
  }
  store();
}

type Opening =
  { readonly kind: 'sound'; readonly reader: SessionDayReader } | { readonly kind: 'damaged'; readonly why: string };

function openPiece(context: DatabaseContext, piece: string): Opening {
  try {
    const reader = SessionDayReader.open(context, piece);
    if (!reader) return { kind: 'damaged', why: 'it is gone' };
    const [why] = closedOnFailure(reader, () => reader.integrityFaults());
    if (why === undefined) return { kind: 'sound', reader };
    reader.close();
    return { kind: 'damaged', why };
  } catch (error) {
    if (error instanceof StoreProblem && error.code === 'store-damaged') return { kind: 'damaged', why: error.message };
    throw error;
  }
}

function missingFrom(database: SqliteDatabase, pieces: readonly string[]): string[] {
  if (pieces.length === 0) return [];
  const counted = new Set(database.all('SELECT name FROM counters').map(({ name }) => name));
  return pieces.filter((piece) => !counted.has(counterOf(piece)));
}

function counterOf(piece: string): string {
  return basename(piece).replace(/^.*\.(?=moved-)/, '');
}

function movedStem(stem: string, number: number): string {
  return `${stem}.moved-${String(number)}`;
}

function movedNumbersOf(disk: Disk, stem: string): number[] {
  const beginning = `${basename(stem)}.moved-`;
  return namesIn(disk, dirname(stem))
    .flatMap((name) => {
      const [, number] = name.startsWith(beginning)
        ? (/^([1-9]\d{0,5})\.sqlite$/.exec(name.slice(beginning.length)) ?? [])
        : [];
      return number === undefined ? [] : [Number(number)];
    })
    .sort((one, other) => one - other);
}

function namesIn(disk: Disk, directory: string): readonly string[] {
  return reading(directory, () => (disk.status(directory) ? disk.list(directory) : []));
}
