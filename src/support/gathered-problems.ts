/**
 * Gathers problems as they are told elsewhere: without what cannot pass between threads.
 */
import type { Problem } from './problem.ts';

export type ToldProblem = Pick<Problem, 'code' | 'message'>;

export interface GatheredProblems {
  readonly problems: readonly ToldProblem[];
  readonly note: (problem: Problem) => void;
}

export function gatheredProblems(): GatheredProblems {
  const problems: ToldProblem[] = [];
  return {
    problems,
    note: ({ code, message }) => {
      problems.push({ code, message });
    },
  };
}
