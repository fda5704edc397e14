/**
 * Days, or domains of a day, that cannot be worked on while the others can: each is logged, and the first decides how the command ends.
 */
import { problemEvent } from '#events/event.ts';
import type { Log } from '#events/event.ts';
import type { Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';
import { exitCode, exitCodeOf } from '#cli/exit-code.ts';
import type { Ending, ExitCode } from '#cli/exit-code.ts';

export class Trouble {
  readonly #log: Log;
  readonly #reasons = new Set<ProblemCode>();
  #exitCode: ExitCode | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Undefined when there was no trouble. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode;
  }

  get ending(): Ending {
    return { code: this.#exitCode ?? exitCode.done, reasons: [...this.#reasons] };
  }

  /** How the command ends, which would end so without the trouble. */
  over({ code, reasons }: Ending): Ending {
    return { code: this.#exitCode ?? code, reasons: [...this.#reasons, ...reasons] };
  }

  readonly note = (problem: Problem): void => {
    this.#log(problemEvent(problem));
    this.#reasons.add(problem.code);
    this.#exitCode ??= exitCodeOf(problem);
  };
}
