/**
 * Keeps what is wrong with one of many, a day above all, from ending the work on the others. A bug passes through.
 */
import { Problem } from './problem.ts';

/** What `act` returns; undefined when a problem ended it, with which `note` is called. */
export function containProblem<T>(act: () => T, note: (problem: Problem) => void): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    note(error);
    return undefined;
  }
}
