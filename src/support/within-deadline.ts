/**
 * Waits for work no longer than its time: then its signal aborts, and whatever still comes of it is nobody's business.
 *
 * What ends by itself upon the signal is given a moment to say how. `why`, a sentence without its full stop, is the reason of the signal.
 */
const MOMENT_MS = 1_000;

/** Undefined when the time is over and nothing came of the work. */
export async function withinDeadline<T>(
  { deadlineMs, why }: { readonly deadlineMs: number; readonly why: string },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const overdue = new Promise<undefined>((resolve) => {
    const giveUp = (): void => {
      controller.abort(new Error(why));
      timers.push(setTimeout(resolve, MOMENT_MS, undefined));
    };
    timers.push(setTimeout(giveUp, deadlineMs));
  });
  const done = work(controller.signal).catch((error: unknown) => {
    if (controller.signal.aborted) return undefined;
    throw error;
  });
  try {
    return await Promise.race([done, overdue]);
  } finally {
    timers.forEach(clearTimeout);
  }
}
