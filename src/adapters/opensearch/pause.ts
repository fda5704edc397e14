/**
 * Waits before something is asked again; no longer once the signal aborts, which whoever asks then finds out.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export async function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
