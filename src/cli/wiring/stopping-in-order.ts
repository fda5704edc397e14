/**
 * Tells notices so that a signal stops it in order: what is under way has a moment to come to its end, so that it is known how it ended.
 */
import type { NoticeStop } from '#pipeline/notify/tell-notices.ts';
import type { Invocation } from '#cli/command.ts';
import { onStopSignal } from './stop-signal.ts';

/** Less than any service manager waits, or whoever pressed Ctrl-C. */
const LAST_MOMENT_MS = 5_000;
/** Less than `run` leaves its parts. */
const LAST_MOMENT_OF_PART_MS = 3_000;

export async function stoppingInOrder<T>(
  tell: (stop: NoticeStop) => Promise<T>,
  supervisor?: Invocation['supervisor'],
): Promise<T> {
  const { stopping, release } = onStopSignal(supervisor);
  const ending = new AbortController();
  const lastMomentMs = supervisor ? LAST_MOMENT_OF_PART_MS : LAST_MOMENT_MS;
  let timer: NodeJS.Timeout | undefined;
  stopping.addEventListener('abort', () => {
    timer = setTimeout(() => {
      ending.abort();
    }, lastMomentMs);
  });
  try {
    return await tell({ stopping, ending: ending.signal });
  } finally {
    clearTimeout(timer);
    release();
  }
}
