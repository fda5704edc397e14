/**
 * A clock that the test moves: evenly, or by a jump, or while the machine is suspended.
 */
import type { SteadyClock } from '#support/clock.ts';

export class ManualClock implements SteadyClock {
  #nowMs: number;
  #steadyMs = 1_000_000;

  constructor(time: string) {
    this.#nowMs = Date.parse(time);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  steadyMs(): number {
    return this.#steadyMs;
  }

  /** Whoever sleeps makes the time pass. */
  sleep(durationMs: number): Promise<void> {
    this.advance(durationMs);
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Time passes on both clocks. */
  advance(durationMs: number): void {
    this.#nowMs += durationMs;
    this.#steadyMs += durationMs;
  }

  /** Somebody sets the clock, or the machine was suspended, which the monotonic clock does not notice. */
  jump(byMs: number): void {
    this.#nowMs += byMs;
  }

  set(time: string): void {
    this.#nowMs = Date.parse(time);
  }
}
