/**
 * What the counters of a day say of its pieces (piece-names.ts): which are in the snapshot, what of them is not, and what the other program had when
 * they were moved. A piece says the same of itself, so that it is known under whatever name, and the day takes it over from there.
 */
import { shortDigest } from '#support/short-digest.ts';
import { PieceProblem } from '../store-problem.ts';

/** How many pieces the snapshot has nothing of. Whoever fetches the day sees no others. */
export const MOVED_LEFT_OUT = 'moved-left-out';
/** What the counter of a piece says that is in the snapshot. */
export const IS_IN = 1;
/** The same of one of which nobody can tell whether it is; see salvage-day.ts. It passes for one that is. */
export const IN_DOUBT = 0;

const CONTENT = 'moved-content-';
const BEFORE = 'moved-before-';
const OUT_OF = 'moved-out-of-';
/** As many as the name of a counter has room for, see type-name.ts. */
const CONTENT_DIGITS = 48;
const COUNTER = /^moved-([1-9]\d{0,5})$/;

export function pieceCounter({ number }: { readonly number: number }): string {
  return `moved-${String(number)}`;
}

/** That something with this digest (day-digest.ts) is among what was moved: all that the other program had at a time, or one file of it. */
export function contentCounter(digest: string): string {
  return `${CONTENT}${shortened(digest)}`;
}

/** That `fetch --serve` gave what has this digest of the day, before the piece was moved into it. */
export function beforeCounter(digest: string): string {
  return `${BEFORE}${shortened(digest)}`;
}

/** That the other program had it in this database. `made` tells that one from others. */
export function databaseCounter(made: string): string {
  return `${OUT_OF}${shortDigest(made, CONTENT_DIGITS)}`;
}

/** Of which databases a piece is; none where that is not known. */
export function databaseCountersIn(names: Iterable<string>): string[] {
  return [...names].filter((name) => name.startsWith(OUT_OF));
}

function shortened(digest: string): string {
  return Buffer.from(digest, 'base64').toString('hex').slice(0, CONTENT_DIGITS);
}

/** Those that a piece has of what was moved with it and of the day before that, and the day as well once it is in. */
export function contentCountersIn(names: Iterable<string>): string[] {
  return [...names].filter((name) => name.startsWith(CONTENT) || name.startsWith(BEFORE));
}

/** The numbers of the pieces among the names of counters. */
export function numbersIn(names: Iterable<string>): number[] {
  return [...names].flatMap((name) => {
    const [, number] = COUNTER.exec(name) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
}

/** What a day is short of, or may be. */
export function problemsIn(counters: ReadonlyMap<string, number>, day = 'the day'): PieceProblem[] {
  const leftOut = counters.get(MOVED_LEFT_OUT) ?? 0;
  const inDoubt = [...counters].filter(([name, value]) => COUNTER.test(name) && value === IN_DOUBT).length;
  const files = `of the files that tlsrpt import sys4 moved into ${day}`;
  return [
    ...(leftOut > 0 ? [problem(`${String(leftOut)} ${files} could not be counted`)] : []),
    ...(inDoubt > 0 ? [problem(`Whether ${String(inDoubt)} ${files} came in cannot be told`)] : []),
  ];
}

function problem(phrase: string): PieceProblem {
  const remedy = 'The log of the host that collected it says more (moved-sessions-left-out).';
  return new PieceProblem('store-damaged', phrase, remedy);
}
