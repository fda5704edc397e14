/**
 * Keeps what nobody foresaw in the work on one of many, a domain above all, from ending the work on the others.
 *
 * A problem, and what the system refuses, is not about that one alone, and passes through.
 */
import { isBug } from './internal-error.ts';

/** What `act` returns; when a bug ended it, what `instead` makes of that. */
export function containFailure<T>(act: () => T, instead: (failure: unknown) => T): T {
  try {
    return act();
  } catch (error) {
    if (!isBug(error)) throw error;
    return instead(error);
  }
}
