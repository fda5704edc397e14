/**
 * How long each source may still take in one run of fetch, over all of its days.
 *
 * What it takes is taken from its time, whatever it answers; a day that it gives is worth the whole time again. So who gives days slowly has time for
 * each of them, and who gives none costs the run its time once.
 */
import { systemClock } from '#support/clock.ts';
import type { SteadyClock } from '#support/clock.ts';

export class SourceTimes {
  readonly #wholeMs: number;
  readonly #clock: Pick<SteadyClock, 'steadyMs'>;
  /** By name; of those that were not asked yet, nothing. */
  readonly #leftMs = new Map<string, number>();

  constructor(wholeMs: number, clock: Pick<SteadyClock, 'steadyMs'> = systemClock) {
    this.#wholeMs = wholeMs;
    this.#clock = clock;
  }

  isOver(source: string): boolean {
    return this.#leftOf(source) === 0;
  }

  /** Rejects as `ask` does. */
  async whileAsked<T>(source: string, ask: (leftMs: number) => Promise<T>): Promise<T> {
    const [leftMs, begunMs] = [this.#leftOf(source), this.#clock.steadyMs()];
    try {
      return await ask(leftMs);
    } finally {
      const tookMs = Math.round(this.#clock.steadyMs() - begunMs);
      this.#leftMs.set(source, Math.max(0, leftMs - tookMs));
    }
  }

  /** It has given a day. */
  renew(source: string): void {
    this.#leftMs.delete(source);
  }

  #leftOf(source: string): number {
    return this.#leftMs.get(source) ?? this.#wholeMs;
  }
}
