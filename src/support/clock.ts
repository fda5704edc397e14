/**
 * The time, as a parameter: whoever needs it is given a clock, so a test can hold it still.
 */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
