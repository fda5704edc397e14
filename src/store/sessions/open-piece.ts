/**
 * Opens one piece of a day (piece-names.ts), and says what is wrong with one that cannot be counted, or not as a whole.
 *
 * A piece that is damaged, gone, of another program, another day or another state directory costs itself alone: it is a problem that is returned,
 * never one that is thrown.
 */
import { basename } from 'node:path';
import { messageOf } from '#support/problem.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import { asking } from '../durable/snapshot.ts';
import { closedOnFailure } from '../durable/sqlite.ts';
import { identityAround } from '../identity-file.ts';
import { numbersIn } from './piece-counters.ts';
import { pieceStem, stemsFromNowOn } from './piece-names.ts';
import type { Piece, PieceState } from './piece-names.ts';
import { SessionDayReader } from './session-day.ts';
import type { SessionDayIdentity } from './session-day.ts';
import { PieceProblem, reading, StoreProblem } from '../store-problem.ts';
import type { StoreProblemCode } from '../store-problem.ts';

/** `own`: of the day that it is to be a piece of, as far as there is one. */
export function openPiece(
  context: DatabaseContext,
  piece: Piece,
  own: SessionDayIdentity | undefined,
): SessionDayReader | PieceProblem {
  try {
    for (const stem of stemsFromNowOn(piece)) {
      const reader = SessionDayReader.open(context, stem);
      if (reader) return checked(reader, piece, () => own?.origin ?? originOfNewDay(context, piece));
    }
    return unusable(piece, 'store-damaged', 'is not there');
  } catch (error) {
    if (!(error instanceof StoreProblem)) throw error;
    return unusable(piece, error.code, WHAT_IS_WRONG[error.code] ?? `cannot be read (${messageOf(error.cause)})`);
  }
}

const WHAT_IS_WRONG: Readonly<Partial<Record<StoreProblemCode, string>>> = {
  'store-damaged': 'is damaged',
  'store-wrong-schema': 'is of another version or program',
};

function checked(
  reader: SessionDayReader,
  piece: Piece,
  ownOrigin: () => string | undefined,
): SessionDayReader | PieceProblem {
  return closedOnFailure(reader, () => {
    const [fault] = asking(`${pieceStem(piece)}.sqlite`, () => reader.integrityFaults());
    const { identity } = reader;
    const problem =
      fault === undefined && identity
        ? (strangeness(piece, identity, ownOrigin()) ?? otherThanNamed(piece, numbersIn(reader.counters().keys())))
        : unusable(piece, 'store-damaged', `is damaged (${fault ?? 'it does not say of which day it is'})`);
    if (problem) reader.close();
    return problem ?? reader;
  });
}

/** A day that has no file yet begins with the identity of its state directory; one whose file does not say it may have begun with an earlier one. */
function originOfNewDay({ disk }: DatabaseContext, { day }: Piece): string | undefined {
  const snapshot = `${day}.sqlite`;
  return reading(snapshot, () => disk.status(snapshot)) ? undefined : identityAround(disk, day);
}

function strangeness(
  piece: Piece,
  { day, origin }: SessionDayIdentity,
  own: string | undefined,
): PieceProblem | undefined {
  if (day !== basename(piece.day)) return unusable(piece, 'store-misnamed', `holds the sessions of ${day}`);
  if (own === undefined || origin === own) return undefined;
  return unusable(piece, 'store-misnamed', `was made for another state directory (${origin})`);
}

/** A copy under another number would count once more. */
function otherThanNamed(piece: Piece, [number]: readonly number[]): PieceProblem | undefined {
  if (number === undefined || number === piece.number) return undefined;
  const own = basename(pieceStem({ ...piece, number, state: 'waiting' }));
  return new PieceProblem(
    'store-misnamed',
    `${pieceStem(piece)}.sqlite is ${own}.sqlite under another name, so it does not count`,
    `Remove it where a file ${own}.* is there as well. Otherwise give it back that name, with what it has after the number.`,
  );
}

function unusable(piece: Piece, code: StoreProblemCode, why: string): PieceProblem {
  const { effect, remedy } = WITHOUT[piece.state];
  return new PieceProblem(code, `${pieceStem(piece)}.sqlite ${why}, so ${effect}`, remedy);
}

/** What follows when a piece of that state cannot be used. One that the day may have must not be moved aside: its sessions would pass for new. */
const WITHOUT: Readonly<Record<PieceState, { readonly effect: string; readonly remedy: string }>> = {
  waiting: {
    effect: 'what tlsrpt import sys4 moved with it is left out',
    remedy:
      'Restore it from a backup and start the collector again, or move it aside and run tlsrpt import sys4 once more.',
  },
  counting: {
    effect: 'what tlsrpt import sys4 moved with it is left out, unless the day has it already',
    remedy: 'Restore it from a backup under this name and start the collector again.',
  },
  counted: {
    effect:
      'tlsrpt import sys4 cannot tell what is new and takes nothing more of that day, which has what was moved with it',
    remedy: 'Restore it from a backup under this name, or leave it as it is: what is in the day goes on counting.',
  },
};

/** `why`: some of it cannot be read. */
export function countedInPart(piece: Piece, why: string): PieceProblem {
  return new PieceProblem(
    'store-damaged',
    `Not all of ${basename(pieceStem(piece))}.sqlite, which tlsrpt import sys4 moved, counts (${why})`,
    'Look at the disk.',
  );
}

/** It is named as counted, and the snapshot does not know it: one that knew it is gone. */
export function notInDay(piece: Piece): PieceProblem {
  const day = `${basename(piece.day)}.sqlite`;
  const waiting = `${basename(pieceStem({ ...piece, state: 'waiting' }))}.sqlite`;
  return new PieceProblem(
    'store-damaged',
    `${day} does not know ${pieceStem(piece)}.sqlite, which was counted in it, so what tlsrpt import sys4 moved with that is left out`,
    `If ${day} was removed, or replaced by an older one, put back the one that was there last; if that is gone, rename the piece to ${waiting} and start the collector again, which counts it once then. In any other case leave it, and look at the disk.`,
  );
}

/** Its day was damaged while it came in; see salvage-day.ts. */
export function inDoubt(piece: Piece): PieceProblem {
  return new PieceProblem(
    'store-damaged',
    `Whether what tlsrpt import sys4 moved with ${basename(pieceStem(piece))}.sqlite is in what was kept of its damaged day cannot be told, so it is not added again`,
    'Look at the disk.',
  );
}
