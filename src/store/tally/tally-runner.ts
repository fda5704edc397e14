/**
 * What adds up what a collector journals, for those who do not care where that happens.
 */
import type { SteadyClock } from '#support/clock.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DayTalliers } from './day-talliers.ts';
import type { DayTalliersOptions } from './day-talliers.ts';
import type { AnnouncedJournal } from './frame-tail.ts';

/** Nothing of it throws: what comes of it is told as news. */
export interface TallyRunner {
  announce(day: UtcDay, journal: AnnouncedJournal): void;
  /** Nothing more will be announced for that day, which is to be closed. `isLocked`: the caller holds its lock until it hears that. */
  end(day: UtcDay, isLocked: boolean): void;
  /** Resolves when everything that was announced has been added up, when that is not possible now, or after `mostMs`. */
  settled(mostMs: number): Promise<void>;
  /** Makes checkpoints, as far as the disk lets it, and ends; after `mostMs` in any case. 0 on a thread: none is begun. */
  stop(mostMs: number): Promise<void>;
  /** Rejects when it ended by a bug, which nobody can go on with. */
  readonly failed: Promise<never>;
}

/** A disk that goes on refusing is not waited for any longer: what was journaled is safe. */
const MOST_TRIES = 4;

/** In this thread, for those who have nothing else to do meanwhile. */
export class TallyHere implements TallyRunner {
  readonly failed = new Promise<never>(() => undefined);
  readonly #clock: SteadyClock;
  readonly #talliers: DayTalliers;

  constructor(options: DayTalliersOptions) {
    this.#clock = options.clock;
    this.#talliers = new DayTalliers(options);
  }

  announce(day: UtcDay, journal: AnnouncedJournal): void {
    this.#talliers.announce(day, journal);
    this.#work();
  }

  end(day: UtcDay, isLocked: boolean): void {
    this.#talliers.end(day, isLocked);
    this.#work();
  }

  async settled(): Promise<void> {
    this.#work();
    for (let tries = 0; tries < MOST_TRIES && this.#talliers.retryInMs !== undefined; tries += 1) {
      await this.#clock.sleep(this.#talliers.retryInMs);
      this.#work();
    }
  }

  stop(): Promise<void> {
    this.#talliers.close();
    return Promise.resolve();
  }

  #work(): void {
    while (this.#talliers.step());
  }
}
