/**
 * When a checkpoint of a day is due: often enough that a restart throws little work away, and so seldom that it costs little beside the rest.
 *
 * A checkpoint costs as much as the snapshot is large, so it waits for that much in journals. While the tally is behind it is due after
 * some time as well: restarts may come more often than so much is added up.
 */
import type { SteadyClock } from '#support/clock.ts';

export interface CheckpointLimits {
  /** Less than this in journals is not worth a checkpoint, unless there are many. */
  readonly leastBytes: number;
  readonly journals: number;
  /** For how long a tally that is behind goes on without one. */
  readonly behindMs: number;
}

const checkpointLimits: CheckpointLimits = { leastBytes: 33_554_432, journals: 16, behindMs: 30_000 };
/** Of the time between two of them no more than a tenth goes into a checkpoint. */
const TIMES_ITS_COST = 10;

export class CheckpointSchedule {
  readonly #clock: SteadyClock;
  readonly #limits: CheckpointLimits;
  #snapshotBytes: number;
  #lastMs: number;
  #costMs = 0;
  /** Since the last one. */
  #readBytes = 0;

  constructor(clock: SteadyClock, snapshotBytes: number, limits = checkpointLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#snapshotBytes = snapshotBytes;
    this.#lastMs = clock.steadyMs();
  }

  noteRead(bytes: number): void {
    this.#readBytes += bytes;
  }

  /** Whether so much is worth a checkpoint. */
  isMuch(bytes: number): boolean {
    return bytes > this.#limits.leastBytes;
  }

  /** Of a tally that has read everything: these journals could go. */
  isDue({ count, bytes }: { readonly count: number; readonly bytes: number }): boolean {
    return count > this.#limits.journals || this.#outweighsSnapshot(bytes);
  }

  /** Of a tally for which much is waiting. */
  get isDueBehind(): boolean {
    if (this.#readBytes === 0) return false;
    const waitMs = Math.max(this.#limits.behindMs, this.#costMs * TIMES_ITS_COST);
    return this.#outweighsSnapshot(this.#readBytes) || this.#clock.steadyMs() - this.#lastMs >= waitMs;
  }

  /** Makes one now. `make` returns how large the snapshot is. */
  run(make: () => number): void {
    const startMs = this.#clock.steadyMs();
    this.#snapshotBytes = make();
    this.#lastMs = this.#clock.steadyMs();
    this.#costMs = this.#lastMs - startMs;
    this.#readBytes = 0;
  }

  #outweighsSnapshot(bytes: number): boolean {
    return bytes > Math.max(this.#limits.leastBytes, this.#snapshotBytes);
  }
}
