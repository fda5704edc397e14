/**
 * The days that this host collected: `sessions/`.
 *
 * Problems: store-damaged, store-wrong-schema, store-not-readable.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { SessionDayReader } from './session-day.ts';
import type { StoreContext } from './store-context.ts';

export class Sessions {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Oldest first. */
  days(): UtcDay[] {
    return this.#context.state.sessionDays();
  }

  /** Those that are not closed: today, and days whose collector was not running at midnight. */
  unfinishedDays(): UtcDay[] {
    return this.#context.state.unfinishedSessionDays();
  }

  /** Also while the day is being collected; undefined when there is nothing of it. */
  read(day: UtcDay): SessionDayReader | undefined {
    return SessionDayReader.open(this.#context, this.#context.state.sessionStem(day));
  }
}
