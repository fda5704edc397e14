/**
 * What this run of the collector did, for its last words and for the day's own figures.
 */
import type { DayFigures } from '#store/sessions/session-journal.ts';

export class CollectFigures {
  /** Taken from receivers and counted. */
  counted = 0;
  /** Lost, since the disk refused for too long. */
  dropped = 0;
  /** As far as they are tallied. */
  tallied = 0;
  rejected = 0;
  recognised = 0;
  /** Posted once more, and counted once. */
  repeated = 0;
  checkpoints = 0;
  /** The most that waited between a receiver and the collector. */
  ringPeakBytes = 0;
  #storedDropped = 0;
  #storedCheckpoints = 0;

  /** What is to be stored with the day since the last time. */
  takeForDay(): DayFigures {
    const sums = [
      ['dropped', this.dropped - this.#storedDropped],
      ['checkpoints', this.checkpoints - this.#storedCheckpoints],
    ] as const;
    this.#storedDropped = this.dropped;
    this.#storedCheckpoints = this.checkpoints;
    return {
      sums: new Map(sums.filter(([, count]) => count > 0)),
      peaks: new Map([['ring-peak-bytes', this.ringPeakBytes]]),
    };
  }
}
