/**
 * Waits for work no longer than its time: then its signal aborts, and whatever still comes of it is nobody's business.
 *
 * What ends by itself upon the signal is given a moment to say how.
 */
const MOMENT_MS = 1_000;

export interface Deadline {
  readonly deadlineMs: number;
  /** A sentence without its full stop: the reason of the signal. */
  readonly why: string;
  /** As if the time were over, once it aborts. */
  readonly stopping?: AbortSignal | undefined;
}

/** Undefined when the time is over and nothing came of the work. */
export async function withinDeadline<T>(
  { deadlineMs, why, stopping }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let stop = (): void => undefined;
  const overdue = new Promise<undefined>((resolve) => {
    const giveUp = (reason: unknown): void => {
      controller.abort(reason);
      timers.push(setTimeout(resolve, MOMENT_MS, undefined));
    };
    timers.push(setTimeout(giveUp, deadlineMs, new Error(why)));
    stop = () => {
      giveUp(stopping?.reason);
    };
    stopping?.addEventListener('abort', stop);
    if (stopping?.aborted === true) stop();
  });
  const done = work(controller.signal).catch((error: unknown) => {
    if (controller.signal.aborted) return undefined;
    throw error;
  });
  try {
    return await Promise.race([done, overdue]);
  } finally {
    timers.forEach(clearTimeout);
    stopping?.removeEventListener('abort', stop);
  }
}
