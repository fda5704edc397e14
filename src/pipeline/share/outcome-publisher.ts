/**
 * Publishes what became of deliveries, all that has come while the last of it was on its way, so that others know it within a moment.
 *
 * While the engine is away it tries again, for as long as the run lasts: what was delivered and not published is delivered again by whoever takes over.
 */
import type { SteadyClock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { SharedReports, Versioned } from './shared-reports.ts';

export interface PublisherOptions {
  readonly reports: Pick<SharedReports, 'note'>;
  readonly day: UtcDay;
  readonly clock: Pick<SteadyClock, 'sleep'>;
}

const MOST_AT_ONCE = 1_000;
const PAUSE_MS = 1_000;
const LAST_ATTEMPT_MS = 10_000;

interface Outcome {
  readonly delivery: Versioned<Delivery>;
  readonly resolve: () => void;
  readonly reject: (why: unknown) => void;
}

export class OutcomePublisher {
  readonly #options: PublisherOptions;
  readonly #ended = new AbortController();
  readonly #givenUp = new AbortController();
  #waiting: Outcome[] = [];
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Resolves once it is published, or something later about the same delivery. Rejects when the engine refuses it, and at the end. */
  note(delivery: Versioned<Delivery>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ delivery, resolve, reject });
      if (!this.#isWorking) this.#working = this.#work();
    });
  }

  /** Resolves when nothing waits any more. */
  async settle(): Promise<void> {
    while (this.#isWorking) await this.#working;
  }

  /** Gives up what the engine does not take now. */
  async end(): Promise<void> {
    this.#ended.abort();
    const settled = new AbortController();
    const lastAttempt = this.#options.clock.sleep(LAST_ATTEMPT_MS, settled.signal);
    await Promise.race([this.settle(), lastAttempt]);
    settled.abort();
    this.#givenUp.abort();
    await this.settle();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, MOST_AT_ONCE);
      try {
        await this.#publish(some.map(({ delivery }) => delivery));
        for (const { resolve } of some) resolve();
      } catch (error) {
        for (const { reject } of some) reject(error);
      }
    }
    this.#isWorking = false; // at once, so that nothing comes in between that nobody works on
  }

  async #publish(deliveries: readonly Versioned<Delivery>[]): Promise<void> {
    const { reports, day, clock } = this.#options;
    for (;;) {
      try {
        await reports.note(day, deliveries, this.#givenUp.signal);
        return;
      } catch (error) {
        const isAway = error instanceof Problem && error.code === 'cluster-unreachable';
        if (!isAway || this.#ended.signal.aborted) throw error;
        await clock.sleep(PAUSE_MS, this.#ended.signal);
      }
    }
  }
}
