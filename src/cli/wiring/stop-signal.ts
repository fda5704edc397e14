/**
 * How a command is told to end in order: by SIGTERM, SIGINT or SIGHUP, so a closing terminal costs nothing. A second one ends the process
 * at once.
 */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface StopSignal {
  readonly stopping: AbortSignal;
  /** The signals end the process again, as they do by default. */
  readonly release: () => void;
}

export function onStopSignal(): StopSignal {
  const controller = new AbortController();
  const stop = (): void => {
    release();
    controller.abort();
  };
  const release = (): void => {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return { stopping: controller.signal, release };
}
