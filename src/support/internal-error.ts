/**
 * How a failure that nobody foresaw is told: as a bug, with the place in the program where it showed.
 */
import { errnoOf, messageOf, Problem } from './problem.ts';

/** True for what nobody foresaw; false for a problem, and for what the system refuses. */
export function isBug(failure: unknown): boolean {
  return !(failure instanceof Problem) && errnoOf(failure) === undefined;
}

/** `what` says what it kept from happening, and `remedy` what there is to do besides reporting it. */
export function internalError(failure: unknown, what: string, remedy = ''): Problem {
  return new Problem(
    'internal-error',
    `${what} (${messageOf(failure).slice(0, MAX_DETAIL_LENGTH)}${placeOf(failure)}). This is a bug in tlsrpt; please report it${remedy}.`,
    { cause: failure },
  );
}

/** What has a name of its own passes through. */
export function problemOf(failure: unknown, what: string): Problem {
  return failure instanceof Problem ? failure : internalError(failure, what);
}

export const MAX_DETAIL_LENGTH = 500;

/** Where in the program it showed. */
function placeOf(failure: unknown): string {
  const stack = failure instanceof Error ? (failure.stack ?? '') : '';
  const place = stack.split('\n').find((line) => /^\s+at /.test(line));
  return place === undefined ? '' : `, ${place.trim()}`;
}
