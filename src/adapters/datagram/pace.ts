/**
 * How fast datagrams come, for a receiver that comes before their sender.
 *
 * Such a receiver is woken by each datagram and takes it before there is a second one, which costs a sender at full speed half of
 * what it could send. From 20 datagrams in a millisecond on, letting them gather is better; what comes in a pause is little for a
 * queue of 512.
 */
import { systemClock } from '#support/clock.ts';
import type { Clock } from '#support/clock.ts';

const FAST = 20;

export class Pace {
  readonly #clock: Clock;
  #millisecond = 0;
  #count = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Whether many have come in this millisecond, with these `count`. */
  isFast(count: number): boolean {
    const nowMs = Math.floor(this.#clock.nowMs());
    if (nowMs !== this.#millisecond) this.#count = 0;
    this.#millisecond = nowMs;
    this.#count += count;
    return this.#count >= FAST;
  }
}
