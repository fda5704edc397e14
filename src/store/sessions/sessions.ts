/**
 * The days that this host collected: `sessions/`.
 *
 * Problems: store-damaged, store-misnamed, store-wrong-schema, store-not-readable.
 */
import { lockHolder } from '#support/file-lock.ts';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { parseNote } from '../collector-note.ts';
import type { CollectorNote } from '../collector-note.ts';
import { dayVersion } from './day-version.ts';
import { isPast, lastWrittenMs } from './last-written.ts';
import { FollowedDay } from './followed-day.ts';
import type { WatchedIds } from './followed-entries.ts';
import { additionOf } from './moved-pieces.ts';
import { SessionDayReader } from './session-day.ts';
import type { StoreContext } from '../store-context.ts';

export type CollectorSighting =
  | ({ readonly kind: 'running'; readonly holder: string } & CollectorNote)
  | { readonly kind: 'none' }
  /** The system does not let us look. */
  | { readonly kind: 'unknown'; readonly why: string };

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

  /**
   * When something last came, as the collector says that runs. A day that it begins at midnight is no sign of it. Where none runs, when one last
   * wrote to a day that is not closed.
   */
  lastDatagramMs(nowMs: number): number | undefined {
    const collector = this.collector();
    if (collector.kind !== 'running') return lastWrittenMs(this.#context.state, nowMs);
    const { lastDatagramMs } = collector;
    return lastDatagramMs !== undefined && isPast(lastDatagramMs, nowMs) ? lastDatagramMs : undefined;
  }

  /** Whether somebody collects here, and how that fares. */
  collector(): CollectorSighting {
    const { disk, state } = this.#context;
    try {
      const holder = lockHolder(state.collectorLock, disk);
      if (!holder) return { kind: 'none' };
      return { kind: 'running', holder: holder.name, ...parseNote(holder.note) };
    } catch (error) {
      if (errnoOf(error) === undefined && !(error instanceof Problem)) throw error;
      return { kind: 'unknown', why: messageOf(error) };
    }
  }

  /** Also while the day is being collected, with what was moved here of it; undefined when there is nothing of it. */
  read(day: UtcDay): SessionDayReader | undefined {
    const stem = this.#context.state.sessionStem(day);
    return SessionDayReader.openNamed(this.#context, stem, additionOf(this.#context, stem));
  }

  /** To be read again and again, and closed; `isNew` for a day that has begun since days are followed. */
  follow(day: UtcDay, watchedIds: WatchedIds, isNew: boolean): FollowedDay {
    return new FollowedDay(this.#context, this.#context.state.sessionStem(day), watchedIds, isNew);
  }

  /** Another text whenever what is stored of the day has changed. To be asked for before the day is read. */
  versionOf(day: UtcDay): string {
    return dayVersion(this.#context.disk, this.#context.state.sessionStem(day));
  }
}
