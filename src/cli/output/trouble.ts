/**
 * Days, or domains of a day, that cannot be worked on while the others can: each is logged, and the first decides how the command ends.
 */
import { event } from '#events/event.ts';
import type { Log } from '#events/event.ts';
import type { Problem } from '#support/problem.ts';
import { exitCodeOf } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';

export class Trouble {
  readonly #log: Log;
  #exitCode: ExitCode | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Undefined when there was no trouble. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode;
  }

  readonly note = (problem: Problem): void => {
    this.#log(event('error', problem.code, problem.message));
    this.#exitCode ??= exitCodeOf(problem);
  };
}
