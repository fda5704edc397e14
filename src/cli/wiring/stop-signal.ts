/**
 * How a command is told to end in order: by SIGTERM, SIGINT or SIGHUP, so a closing terminal costs nothing. A second one ends the process
 * at once.
 *
 * A part of `run` ends as well when `run` has gone. To such a part a second signal is no other than the first: a service manager may tell all
 * processes of a service to end, and then `run` tells its parts. It kills those that take too long.
 */
import type { Supervisor } from '#adapters/process/supervisor.ts';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface StopSignal {
  readonly stopping: AbortSignal;
  /** The signals end the process again, as they do by default. */
  readonly release: () => void;
}

export function onStopSignal(supervisor?: Pick<Supervisor, 'onGone'>): StopSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (!supervisor) release();
    controller.abort();
  };
  supervisor?.onGone(stop);
  const release = (): void => {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return { stopping: controller.signal, release };
}
