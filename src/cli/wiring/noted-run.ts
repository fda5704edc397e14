/**
 * Notes in the state directory when a command ran, how it ended and why, for `tlsrpt status`. That it cannot be noted is no failure of the run.
 */
import type { Log } from '#events/event.ts';
import { runNotNoted } from '#events/store-events.ts';
import type { NotedCommand } from '#store/runs.ts';
import type { Store } from '#store/store.ts';
import type { Clock } from '#support/clock.ts';
import { containProblem } from '#support/contain-problem.ts';
import { exitCodeOf, problemCodeOf } from '#cli/exit-code.ts';
import type { Ending, ExitCode } from '#cli/exit-code.ts';

export interface NotedRunOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

export async function noted(
  command: NotedCommand,
  { store, clock, log }: NotedRunOptions,
  run: () => Promise<Ending>,
): Promise<ExitCode> {
  const started = timeOf(clock);
  const note = ({ code, reasons }: Ending): void => {
    containProblem(
      () => {
        if (store.exists) store.runs.note(command, { started, ended: timeOf(clock), exitCode: code, reasons });
      },
      ({ message }) => {
        log(runNotNoted(command, message));
      },
    );
  };
  try {
    const ending = await run();
    note(ending);
    return ending.code;
  } catch (error) {
    note({ code: exitCodeOf(error), reasons: [problemCodeOf(error)] });
    throw error;
  }
}

function timeOf(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}
