/**
 * How a move ends of which one part may fail, and the others go on.
 */
import type { Log, LogEvent } from '#events/event.ts';
import { Problem } from '#support/problem.ts';
import { exitCode, exitCodeOf } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';

export class MoveEnding {
  readonly #log: Log;
  #code: ExitCode = exitCode.done;

  constructor(log: Log) {
    this.#log = log;
  }

  /** What went wrong first decides. */
  get code(): ExitCode {
    return this.#code;
  }

  note(code: ExitCode): void {
    if (this.#code === exitCode.done) this.#code = code;
  }

  /** A problem ends `work` alone, and is told; what is none is thrown. */
  async within(tell: (problem: Problem) => LogEvent, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#log(tell(error));
      this.note(exitCodeOf(error));
    }
  }
}
