/**
 * How a command is told to end in order: by SIGTERM, SIGINT or SIGHUP, so a closing terminal costs nothing. A second one ends the process
 * at once.
 *
 * A part of `run` ends as well when `run` has gone. To such a part a second signal is no other than the first: a service manager may tell all
 * processes of a service to end, and then `run` tells its parts. It kills those that take too long.
 */
import { setMaxListeners } from 'node:events';
import type { Supervisor } from '#adapters/process/supervisor.ts';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface StopSignal {
  readonly stopping: AbortSignal;
  /** The signals end the process again, as they do by default. */
  readonly release: () => void;
}

export function onStopSignal(supervisor?: Pick<Supervisor, 'onGone'>): StopSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // as many as there is work under way
  const stop = (): void => {
    controller.abort(); // what is to be done at once is done before a second signal can end the process
    if (!supervisor) release();
  };
  supervisor?.onGone(stop);
  const release = (): void => {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return { stopping: controller.signal, release };
}
