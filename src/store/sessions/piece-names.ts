/**
 * The names of what `import sys4` moved into a day, piece by piece: they say how far each has come into the day's file.
 *
 * `DAY.moved-N.sqlite` waits: no snapshot has it. It is `DAY.moved-N.counting.sqlite` before the first snapshot with it is written, and in that the
 * counter `moved-N` says that it came in. Once that snapshot is on disk it is `DAY.moved-N.counted.sqlite`, whatever becomes of the counter. So
 * damage may cost a piece, and lets none count twice. A number that was given is not given again.
 */
import { basename, dirname } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { numbersIn } from './piece-counters.ts';
import { reading, lastNumberProblem } from '../store-problem.ts';

const STATES = ['waiting', 'counting', 'counted'] as const;

export type PieceState = (typeof STATES)[number];

export interface Piece {
  /** The path of the day without `.sqlite`. */
  readonly day: string;
  readonly number: number;
  readonly state: PieceState;
}

const MOST_PIECES = 999_999;
const NAME = /^(.*)\.moved-([1-9]\d{0,5})(?:\.(counting|counted))?\.sqlite$/;

/** Of the day at that path, in the order of their numbers. Of one that has several names the furthest counts. */
export function piecesOf(disk: Disk, day: string): Piece[] {
  const directory = dirname(day);
  const names = reading(directory, () => (disk.status(directory) ? disk.list(directory) : []));
  const byNumber = new Map<number, Piece>();
  for (const piece of names.filter((name) => name.startsWith(basename(day))).map(parsePieceName)) {
    if (piece?.day !== basename(day)) continue;
    const other = byNumber.get(piece.number);
    if (!other || STATES.indexOf(other.state) < STATES.indexOf(piece.state))
      byNumber.set(piece.number, { ...piece, day });
  }
  return [...byNumber.values()].sort((one, other) => one.number - other.number);
}

/** Its day is the name of that alone; undefined for what is not a piece. */
export function parsePieceName(name: string): Piece | undefined {
  const [, day, number, state = 'waiting'] = NAME.exec(name) ?? [];
  return day === undefined ? undefined : { day, number: Number(number), state: state as PieceState };
}

/** The path without `.sqlite`. */
export function pieceStem({ day, number, state }: Piece): string {
  return `${day}.moved-${String(number)}${state === 'waiting' ? '' : `.${state}`}`;
}

/** Under each of the names that it may have by now, as whoever closes the day renames it. */
export function stemsFromNowOn(piece: Piece): string[] {
  return STATES.slice(STATES.indexOf(piece.state)).map((state) => pieceStem({ ...piece, state }));
}

/** A piece that is still to be written. `counters`: of the day's snapshot. */
export function nextPiece(day: string, pieces: readonly Piece[], counters: Iterable<string>): Piece {
  const last = Math.max(0, ...pieces.map(({ number }) => number), ...numbersIn(counters));
  if (last >= MOST_PIECES) throw lastNumberProblem(`${day}.moved-${String(last)}.sqlite`, 'a piece of a day');
  return { day, number: last + 1, state: 'waiting' };
}

/** Those that a snapshot says that it has, though there is no file of them. */
export function missingPieces(day: string, pieces: readonly Piece[], counters: Iterable<string>): Piece[] {
  const there = new Set(pieces.map(({ number }) => number));
  const missing = numbersIn(counters).filter((number) => !there.has(number));
  return missing.map((number) => ({ day, number, state: 'counted' }));
}

/** To be made to last by whoever asks for it. */
export function renamePiece(disk: Disk, piece: Piece, state: PieceState): Piece {
  const renamed = { ...piece, state };
  disk.rename(`${pieceStem(piece)}.sqlite`, `${pieceStem(renamed)}.sqlite`);
  return renamed;
}
