/**
 * When a round is due that begins at a certain moment of each interval, such as at minute 24 of each hour (UTC).
 *
 * The wall clock says which interval it is. It may jump, so the monotonic clock has a say: half an interval must have passed since the last
 * round, and after one and a quarter the next is due whatever the wall clock says. A clock that is wrong costs no more than a round at
 * another moment.
 */
import type { SteadyClock } from '#support/clock.ts';

export interface TimetableOptions {
  readonly intervalMs: number;
  /** After the beginning of each interval, counted from the epoch. */
  readonly offsetMs: number;
  readonly clock: Pick<SteadyClock, 'nowMs' | 'steadyMs'>;
  /** What was missed before there was a timetable is made up for. */
  readonly isDueAtOnce: boolean;
}

const LEAST_PART = 0.5;
const MOST_PART = 1.25;

export class Timetable {
  readonly #options: TimetableOptions;
  #interval: number | undefined;
  /** By the monotonic clock: from when on a round may begin, and has to. */
  #earliestMs = -Infinity;
  #latestMs: number;

  constructor(options: TimetableOptions) {
    this.#options = options;
    this.#latestMs = options.clock.steadyMs() + options.intervalMs * MOST_PART;
    if (!options.isDueAtOnce) this.#interval = this.#intervalAt(options.clock.nowMs());
  }

  get isDue(): boolean {
    const { clock } = this.#options;
    const steadyMs = clock.steadyMs();
    if (steadyMs >= this.#latestMs) return true;
    return steadyMs >= this.#earliestMs && this.#intervalAt(clock.nowMs()) !== this.#interval;
  }

  /** To be called when a round begins. */
  begin(): void {
    const { clock, intervalMs } = this.#options;
    const steadyMs = clock.steadyMs();
    this.#interval = this.#intervalAt(clock.nowMs());
    this.#earliestMs = steadyMs + intervalMs * LEAST_PART;
    this.#latestMs = steadyMs + intervalMs * MOST_PART;
  }

  #intervalAt(timeMs: number): number {
    const { intervalMs, offsetMs } = this.#options;
    return Math.floor((timeMs - offsetMs) / intervalMs);
  }
}
