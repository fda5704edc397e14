/**
 * Domains with which sessions fail just now: from its first failure on each has a run, for as long as most of its sessions fail.
 *
 * A run ends when more has gone well than the share allows, or nothing failed for a window of time. So what is kept is about domains that fail,
 * and none that ever failed.
 */
import type { SeenCount, SeenFailure } from '#store/sessions/followed-entries.ts';
import type { SeenExample } from '#store/watch-book.ts';
import { shareOf } from './unlikely.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';

export interface FailingRun {
  readonly watchedId: number;
  readonly since: Moment;
  /** The last failure. */
  lastMs: number;
  successful: number;
  failed: number;
  /** The last one. */
  example: SeenExample | undefined;
}

/** So many at a time are a wave in any case; further ones are not looked at. */
const MOST_RUNS = 50_000;

export class FailingRuns {
  readonly #limits: Pick<WatchLimits, 'leastShare' | 'windowMs'>;
  readonly #runs = new Map<number, FailingRun>();

  constructor(limits: Pick<WatchLimits, 'leastShare' | 'windowMs'>) {
    this.#limits = limits;
  }

  note({ watchedId, successful, failed }: SeenCount, now: Moment): void {
    const run = this.#runs.get(watchedId) ?? (failed > 0 ? this.#begin(watchedId, now) : undefined);
    if (!run) return;
    run.successful += successful;
    run.failed += failed;
    if (failed > 0) run.lastMs = now.steadyMs;
  }

  /** After the sessions that it came with. */
  noteExample({ watchedId, example }: SeenFailure): void {
    const run = this.#runs.get(watchedId);
    if (run) run.example = example;
  }

  find(watchedId: number): FailingRun | undefined {
    return this.#runs.get(watchedId);
  }

  end(watchedId: number): void {
    this.#runs.delete(watchedId);
  }

  /** Those that last. */
  current({ steadyMs }: Moment): FailingRun[] {
    for (const [watchedId, run] of this.#runs)
      if (shareOf(run) < this.#limits.leastShare || steadyMs - run.lastMs > this.#limits.windowMs)
        this.#runs.delete(watchedId);
    return [...this.#runs.values()];
  }

  #begin(watchedId: number, since: Moment): FailingRun | undefined {
    if (this.#runs.size >= MOST_RUNS) return undefined;
    const run = { watchedId, since, lastMs: since.steadyMs, successful: 0, failed: 0, example: undefined };
    this.#runs.set(watchedId, run);
    return run;
  }
}
