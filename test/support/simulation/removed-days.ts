/**
 * The days that were removed since they were too old: what they held counts as kept, and none of them may go before its time.
 */
import { basename } from 'node:path';
import { parseUtcDay, daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { storedDay } from './stored-counts.ts';
import type { Reading } from './stored-counts.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface RemovedDay {
  readonly day: UtcDay;
  readonly counts: ReadonlyMap<string, number>;
}

const DAY_MS = 86_400_000;

export interface RemovedDaysOptions {
  readonly reading: Reading;
  readonly clock: VirtualClock;
  readonly failures: string[];
  readonly setup: { readonly keepDays: number | undefined };
}

export class RemovedDays {
  readonly #options: RemovedDaysOptions;
  days: RemovedDay[] = [];
  /** On which day it really was when a day was last given something, whatever the clock called it. */
  readonly #lastGiven = new Map<UtcDay, UtcDay>();

  constructor(options: RemovedDaysOptions) {
    this.#options = options;
  }

  /** Something is given that may count for these days; around midnight nobody knows for which. */
  noteGiven(days: ReadonlySet<UtcDay>): void {
    const [day] = days;
    if (day !== undefined && days.size === 1) this.#lastGiven.set(day, utcDayOf(this.#options.clock.rightMs));
  }

  /** A file is about to be removed; returns what is to be done afterwards. */
  removing(path: string): () => void {
    const day = /\/sessions\/[\d-]+\.sqlite$/.test(path) ? parseUtcDay(basename(path, '.sqlite')) : undefined;
    const stored = day === undefined ? undefined : storedDay(this.#options.reading, day);
    if (day === undefined || !stored) return () => undefined;
    this.#check(day, stored.closed);
    return () => {
      this.days.push({ day, counts: stored.counts });
    };
  }

  /** What was removed may be there again. */
  notePowerLost(): void {
    this.days = this.days.filter(({ day, counts }) => {
      const now = storedDay(this.#options.reading, day)?.counts;
      return now === undefined || [...counts].some(([key, count]) => (now.get(key) ?? 0) < count);
    });
  }

  /**
   * A right clock lets go of what was given on a day once that is more than `keepDays` old. A wrong one must not take anything that a right
   * clock would keep for another day; what it would keep for less may go.
   */
  #check(day: UtcDay, isClosed: boolean): void {
    const { clock, setup, failures } = this.#options;
    if (!isClosed) failures.push(`${day} was removed before it was closed`);
    const keptFrom = daysBefore(utcDayOf(clock.rightMs + DAY_MS), setup.keepDays ?? 0);
    const given = this.#lastGiven.get(day);
    if (setup.keepDays === undefined || (given !== undefined && given >= keptFrom)) {
      failures.push(
        `${day} was removed with what came on ${given ?? 'no day'}, though ${keptFrom} is the first day to keep`,
      );
    }
  }
}
