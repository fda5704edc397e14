/**
 * The days that this host collected: `sessions/`.
 *
 * Problems: store-damaged, store-misnamed, store-wrong-schema, store-not-readable.
 */
import { lockHolder } from '#support/file-lock.ts';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { parseNote } from './collector-note.ts';
import type { CollectorNote } from './collector-note.ts';
import { digestOfReader } from './day-digest.ts';
import { journalPathsOf } from './durable/journal-files.ts';
import { SessionDayReader } from './session-day.ts';
import type { StoreContext } from './store-context.ts';
import { unlessRefused } from './store-problem.ts';

export type CollectorSighting =
  | ({ readonly kind: 'running'; readonly holder: string } & CollectorNote)
  | { readonly kind: 'none' }
  /** The system does not let us look. */
  | { readonly kind: 'unknown'; readonly why: string };

/** What is written while somebody looks has a time behind that of the look. */
const AHEAD_MS = 60_000;

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
   * When a collector last wrote to a day that is not closed; undefined when there is none, or nobody may look. What was written while the
   * clock was ahead of `nowMs` says nothing.
   */
  lastWrittenMs(nowMs: number): number | undefined {
    const { disk, state } = this.#context;
    const stems = state.unfinishedSessionDays().map((day) => state.sessionStem(day));
    const journals = stems.flatMap((stem) => journalPathsOf(disk, stem));
    const times = journals.flatMap((path) => unlessRefused(() => disk.status(path)?.modifiedMs) ?? []);
    const past = times.filter((timeMs) => timeMs < nowMs + AHEAD_MS);
    return past.length === 0 ? undefined : Math.max(...past);
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

  /** Of what there is so far; undefined when there is nothing of it. */
  digestOf(day: UtcDay): string | undefined {
    return digestOfReader(this.read(day));
  }

  /** Also while the day is being collected; undefined when there is nothing of it. */
  read(day: UtcDay): SessionDayReader | undefined {
    return SessionDayReader.openNamed(this.#context, this.#context.state.sessionStem(day));
  }
}
