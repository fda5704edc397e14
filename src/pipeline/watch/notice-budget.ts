/**
 * Which news become a notice now, and which wait to be summed up, so that no hour has more notices than there may be.
 *
 * The last notice of an hour is always a sum, so nothing is lost where more happens. What waits is told as soon as there is room again.
 */
import type { IncidentNews } from '#store/watch-book.ts';
import type { Moment } from './watch-limits.ts';

const HOUR_MS = 3_600_000;
/** What waits gathers for so long, that one sum has most of it. */
const GATHER_MS = 300_000;
/** Of more, how many there were is known still. */
const MOST_HELD = 500;

export interface DueNews {
  /** Each a notice of its own. */
  readonly single: readonly IncidentNews[];
  /** One notice of all of them. */
  readonly summed: readonly IncidentNews[];
  /** In the sum, without more being known of them. */
  readonly uncounted: number;
}

export class NoticeBudget {
  readonly #mostNotices: number;
  /** By the steady clock. */
  #made: number[];
  #held: IncidentNews[];
  #heldSinceMs: number;
  #left = 0;

  /** `madeMs` by the clock; what it says of a time that is yet to come was now. */
  constructor(mostNotices: number, madeMs: readonly number[], held: readonly IncidentNews[], now: Moment) {
    this.#mostNotices = mostNotices;
    this.#made = madeMs.map((timeMs) => now.steadyMs - Math.max(0, now.nowMs - timeMs));
    this.#held = [...held];
    this.#heldSinceMs = now.steadyMs - GATHER_MS;
  }

  held(): readonly IncidentNews[] {
    return this.#held;
  }

  /** When the notices of the last hour were made, by the clock. */
  madeMs({ nowMs, steadyMs }: Moment): number[] {
    return this.#made.map((madeMs) => nowMs - (steadyMs - madeMs));
  }

  take(news: readonly IncidentNews[], now: Moment): DueNews {
    this.#made = this.#made.filter((madeMs) => now.steadyMs - madeMs < HOUR_MS);
    const single: IncidentNews[] = [];
    for (const one of news)
      if (this.#held.length === 0 && this.#room > 1) this.#make(single, one, now);
      else this.#hold(one, now);
    return { single, ...this.#sum(now) };
  }

  get #room(): number {
    return this.#mostNotices - this.#made.length;
  }

  #make(single: IncidentNews[], one: IncidentNews, { steadyMs }: Moment): void {
    single.push(one);
    this.#made.push(steadyMs);
  }

  #hold(one: IncidentNews, { steadyMs }: Moment): void {
    if (this.#held.length === 0) this.#heldSinceMs = steadyMs;
    if (this.#held.length < MOST_HELD) this.#held.push(one);
    else this.#left += 1;
  }

  #sum({ steadyMs }: Moment): Pick<DueNews, 'summed' | 'uncounted'> {
    const isDue = this.#held.length > 0 && this.#room > 0 && steadyMs - this.#heldSinceMs >= GATHER_MS;
    if (!isDue) return { summed: [], uncounted: 0 };
    const due = { summed: this.#held, uncounted: this.#left };
    [this.#held, this.#left] = [[], 0];
    this.#made.push(steadyMs);
    return due;
  }
}
