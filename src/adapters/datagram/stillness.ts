/**
 * How long a thread that counts its turns in shared memory has stood still, as far as this thread can see.
 *
 * Between two looks no more than `LONGEST_LOOK_MS` counts: when they are further apart, this thread stood still itself, as all do while
 * the process is stopped.
 */
import { systemClock } from '#support/clock.ts';
import type { SteadyClock } from '#support/clock.ts';

const LONGEST_LOOK_MS = 500;

export class Stillness {
  readonly #turns: () => number;
  readonly #clock: Pick<SteadyClock, 'steadyMs'>;
  #seenTurns: number;
  #lookedMs: number;
  #stillMs = 0;

  constructor(turns: () => number, clock: Pick<SteadyClock, 'steadyMs'> = systemClock) {
    this.#turns = turns;
    this.#clock = clock;
    this.#seenTurns = turns();
    this.#lookedMs = clock.steadyMs();
  }

  /** Looks, and returns for how long there was nothing to see. */
  look(): number {
    const [turns, nowMs] = [this.#turns(), this.#clock.steadyMs()];
    const sinceMs = Math.min(nowMs - this.#lookedMs, LONGEST_LOOK_MS);
    this.#stillMs = turns === this.#seenTurns ? this.#stillMs + sinceMs : 0;
    this.#seenTurns = turns;
    this.#lookedMs = nowMs;
    return this.#stillMs;
  }
}
