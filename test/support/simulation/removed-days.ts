/**
 * The days that were removed since they were too old: what they held counts as kept, and none of them may go before its time.
 */
import { basename } from 'node:path';
import { parseUtcDay, daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { ModelDay } from './model-day.ts';
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
  readonly day: ModelDay;
  readonly failures: string[];
  readonly setup: { readonly keepDays: number | undefined };
}

export class RemovedDays {
  readonly #options: RemovedDaysOptions;
  days: RemovedDay[] = [];

  constructor(options: RemovedDaysOptions) {
    this.#options = options;
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
   * A right clock would let a day go when it is more than `keepDays` old. Each day in which a wrong clock was believed counts as one that
   * was seen, so it may bring that forward by one day, and by no more. What a right clock would keep for less than another day may go: the
   * collector may have been started on a clock that is ahead by minutes, and midnight is near.
   */
  #check(day: UtcDay, isClosed: boolean): void {
    const { clock, setup, failures, day: modelDay } = this.#options;
    if (!isClosed) failures.push(`${day} was removed before it was closed`);
    const wrong = [...modelDay.wrongDays].filter((wrongDay) => wrongDay > day).length;
    const keptFrom = daysBefore(utcDayOf(clock.rightMs + DAY_MS), (setup.keepDays ?? 0) - wrong);
    if (setup.keepDays === undefined || day >= keptFrom) {
      failures.push(`${day} was removed, though ${keptFrom} is the first day that must be kept`);
    }
  }
}
