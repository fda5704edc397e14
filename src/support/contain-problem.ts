/**
 * Keeps what is wrong with one of many, a day above all, from ending the work on the others. A bug passes through.
 */
import { Problem, ProblemOfOne } from './problem.ts';

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

/** What `act` returns; when what is wrong is about one entry alone, what `instead` makes of that. Any other problem passes through. */
export function containProblemOfOne<T>(act: () => T, instead: (problem: ProblemOfOne) => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ProblemOfOne)) throw error;
    return instead(error);
  }
}
