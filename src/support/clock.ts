/**
 * The time, as a parameter: whoever needs it is given a clock, so a test can hold it still.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since the epoch, UTC. May jump in either direction. */
  nowMs(): number;
}

export interface SteadyClock extends Clock {
  /** Milliseconds since some moment. Never jumps, and stands still while the machine sleeps. */
  steadyMs(): number;
  /** Ends early when `enough` is aborted. */
  sleep(durationMs: number, enough?: AbortSignal): Promise<void>;
}

export const systemClock: SteadyClock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
  sleep: async (durationMs, enough) => {
    try {
      await sleep(durationMs, undefined, { signal: enough });
    } catch (error) {
      if (enough?.aborted !== true) throw error;
    }
  },
};
