/**
 * What another program had counted of a day on this host before its work came here: ordinary day files beside the day's own, one for each time
 * that something was moved. How far each has come is in its name (piece-names.ts).
 *
 * It belongs to this host's own day. Whoever closes the day puts it into the snapshot; until then readers of this host's own day add it to what they
 * read. A piece that cannot be read is left out and goes on waiting: it comes in once it can be read. One that is named as counted is not added
 * again where the snapshot does not know it, as it is an older one then, or a new one: that is said. The pieces stay as long as the day does: by
 * them a later move finds out what came since.
 */
import { basename, dirname } from 'node:path';
import { syncDirectory } from '#support/durable-file.ts';
import { applyChanges } from '../durable/changes.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import type { SqliteDatabase } from '../durable/sqlite.ts';
import { identityAround } from '../identity-file.ts';
import { countedInPart, inDoubt, notInDay, openPiece } from './open-piece.ts';
import { contentCountersIn, IN_DOUBT, IS_IN, MOVED_LEFT_OUT, pieceCounter } from './piece-counters.ts';
import { piecesOf, pieceStem, renamePiece } from './piece-names.ts';
import type { Piece } from './piece-names.ts';
import { countersIn, identityIn, sessionDayKind } from './session-day.ts';
import type { Addition, SessionDayReader } from './session-day.ts';
import { PieceProblem, writing } from '../store-problem.ts';
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
  /** True when the day is another one than before. */
  readonly isChanged: boolean;
  /** To be passed to `noteCounted` once the day is on disk. */
  readonly within: readonly Piece[];
  /** What is not counted, or not all of it. */
  readonly leftOut: readonly PieceProblem[];
}

/** Counts the pieces that are not in the day yet, but for those that cannot be read. To be called under the day's lock. */
export function countMoved(context: DatabaseContext, stem: string, day: GrowingDay): MovedCount {
  const counters = countersIn(day.database);
  const all = piecesOf(context.disk, stem);
  const pieces = all.filter(isNotNoted);
  const lost = all.filter((piece) => !isNotNoted(piece) && !counters.has(pieceCounter(piece)));
  const before = pieces.filter((piece) => counters.has(pieceCounter(piece)));
  const doubts = before.filter((piece) => counters.get(pieceCounter(piece)) === IN_DOUBT).map(inDoubt);
  const waiting = pieces.filter((piece) => !before.includes(piece));
  const { counted, leftOut } = countPieces(context, waiting, day, (piece) => beginCounting(context, piece));
  if (lost.length > 0) beginDay(context, stem, day);
  const change = lost.length + waiting.length - counted.length - (counters.get(MOVED_LEFT_OUT) ?? 0);
  const isNoted = change !== 0 && identityIn(day.database) !== undefined;
  if (isNoted) applyCount(day.database, MOVED_LEFT_OUT, change);
  return {
    isChanged: isNoted || counted.length > 0,
    within: [...before, ...counted],
    leftOut: [...lost.map(notInDay), ...doubts, ...leftOut],
  };
}

/** Where one was lost and none has come since, those who fetch are to be told all the same. */
function beginDay({ disk }: DatabaseContext, stem: string, { database }: GrowingDay): void {
  const origin = identityAround(disk, stem);
  if (origin === undefined || identityIn(database) !== undefined) return;
  applyChanges(database, sessionDayKind, [['begin-day', { day: basename(stem), origin }]]);
}

/** From now on the snapshot's counter says whether it is in: none with it may be there before. */
function beginCounting({ disk }: DatabaseContext, piece: Piece): Piece {
  if (piece.state === 'counting') return piece;
  return writing(`${pieceStem(piece)}.sqlite`, () => {
    const counting = renamePiece(disk, piece, 'counting');
    syncDirectory(dirname(piece.day), disk);
    return counting;
  });
}

/** They are in the snapshot, and that is on disk. */
export function noteCounted({ disk }: DatabaseContext, within: readonly Piece[]): void {
  for (const piece of within)
    writing(`${pieceStem(piece)}.sqlite`, () => {
      renamePiece(disk, piece, 'counted');
    });
  const [first] = within;
  if (first) syncDirectory(dirname(first.day), disk);
}

/**
 * The same for a day that is only read; undefined when it has no pieces. To be called before the day is opened: what is counted meanwhile is in
 * that then.
 */
export function additionOf(context: DatabaseContext, stem: string): Addition | undefined {
  const pieces = piecesOf(context.disk, stem);
  return pieces.length === 0 ? undefined : (database) => addMoved(context, pieces, database);
}

function addMoved(
  context: DatabaseContext,
  pieces: readonly Piece[],
  database: SqliteDatabase,
): readonly PieceProblem[] {
  const counters = countersIn(database);
  const missing = pieces.filter((piece) => !counters.has(pieceCounter(piece)));
  const waiting = missing.filter(isNotNoted);
  const lost = missing.filter((piece) => !isNotNoted(piece)).map(notInDay);
  if (waiting.length === 0) return lost;
  const { tally, unreadable } = restoreTally(new SessionTally(), database);
  removeUnreadable(database, unreadable);
  const store = (): void => {
    applyChanges(database, sessionDayKind, changesOf(tally.changes()));
    tally.settle();
  };
  const { leftOut } = countPieces(context, waiting, { database, tally, store }, (piece) => piece);
  return [...lost, ...leftOut];
}

/** Those that the day may not have, as far as their names say. */
function isNotNoted({ state }: Piece): boolean {
  return state !== 'counted';
}

/** `begin` is called for one that can be read, before anything of it is counted. */
function countPieces(
  context: DatabaseContext,
  pieces: readonly Piece[],
  day: GrowingDay,
  begin: (piece: Piece) => Piece,
): { readonly counted: readonly Piece[]; readonly leftOut: readonly PieceProblem[] } {
  const counted: Piece[] = [];
  const leftOut: PieceProblem[] = [];
  for (const piece of pieces) {
    const reader = openPiece(context, piece, identityIn(day.database));
    if (reader instanceof PieceProblem) {
      leftOut.push(reader);
      continue;
    }
    try {
      counted.push(begin(piece));
      countPiece(reader, piece, day);
      leftOut.push(...reader.unreadable().map((why) => countedInPart(piece, why)));
    } finally {
      reader.close();
    }
  }
  return { counted, leftOut };
}

function countPiece(reader: SessionDayReader, piece: Piece, day: GrowingDay): void {
  if (!identityIn(day.database) && reader.identity)
    applyChanges(day.database, sessionDayKind, [['begin-day', { ...reader.identity }]]);
  addTallies(reader, day);
  for (const name of [pieceCounter(piece), ...contentCountersIn(reader.counters().keys())])
    applyCount(day.database, name, IS_IN);
}

/** As much at a time as memory is to hold. */
function addTallies(reader: SessionDayReader, { tally, store }: GrowingDay): void {
  for (const one of reader.domainTallies()) {
    tally.addTally(one);
    if (tally.unstoredBytes > MOST_UNSTORED_BYTES) store();
  }
  store();
}

function applyCount(database: SqliteDatabase, name: string, value: number): void {
  applyChanges(database, sessionDayKind, [['count', { name, value }]]);
}
