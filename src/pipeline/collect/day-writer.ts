/**
 * Brings the tally to disk: one session day at a time, opened, journaled, checkpointed and closed as time goes by.
 *
 * Under load the tally is appended every 100 ms, synced every second and checkpointed when the journal has grown; after a pause the
 * first datagram is appended at once. A disk that refuses is tried again each time: until then everything stays in memory.
 */
import { dayClosed, journalTorn, storeNotWritten, storeWrittenAgain } from '#events/collect-events.ts';
import type { Log } from '#events/event.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionDay } from '#store/session-day.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import { StoreProblem } from '#store/store-problem.ts';
import { isDue } from '#support/is-due.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { SessionTally } from './session-tally.ts';

export const writerIntervals = { appendMs: 100, syncMs: 1_000, checkpointMs: 1_000, complainMs: 60_000 } as const;

export interface DayWriterOptions {
  readonly state: StateDirectory;
  readonly sqlite: Sqlite;
  readonly log: Log;
}

type Step = 'append' | 'sync' | 'checkpoint' | 'finish';

export class DayWriter {
  readonly day: UtcDay;
  readonly tally = new SessionTally();
  readonly #options: DayWriterOptions;
  /** Undefined until it could be opened. */
  #file: SessionDay | undefined;
  #appendedMs = 0;
  #syncedMs = 0;
  #checkpointMs = 0;
  #isUnsynced = false;
  /** What the disk refused the last time it was tried. */
  readonly #refused = new Set<Step>();
  #complainedMs: number | undefined;

  constructor(options: DayWriterOptions, day: UtcDay) {
    this.#options = options;
    this.day = day;
  }

  /** Opens the day, goes on with what is stored of it, and says what a crash tore off. */
  open(): SessionDay {
    if (this.#file) return this.#file;
    const { state, sqlite, log } = this.#options;
    const stem = state.sessionStem(this.day);
    const file = SessionDay.open(sqlite, stem, { day: this.day, origin: state.identity() });
    if (file.tornBytes > 0) log(journalTorn(stem, file.tornBytes));
    this.tally.restore(file.storedPolicies(), file.storedFailures());
    this.#file = file;
    return file;
  }

  /** Does what is due, as far as the disk lets it. */
  write(nowMs: number): void {
    if (this.tally.hasChanges && isDue(this.#appendedMs, writerIntervals.appendMs, nowMs))
      this.#trying('append', nowMs, () => {
        this.#append(nowMs);
      });
    if (this.#isUnsynced && isDue(this.#syncedMs, writerIntervals.syncMs, nowMs))
      this.#trying('sync', nowMs, () => {
        this.#sync(nowMs);
      });
    if (this.#hasGrown && isDue(this.#checkpointMs, writerIntervals.checkpointMs, nowMs))
      this.#trying('checkpoint', nowMs, () => {
        this.#checkpoint(nowMs);
      });
  }

  /** How long until there is something to write; undefined when nothing waits. */
  dueInMs(nowMs: number): number | undefined {
    if (this.tally.hasChanges) return Math.max(0, this.#appendedMs + writerIntervals.appendMs - nowMs);
    return this.#isUnsynced ? Math.max(0, this.#syncedMs + writerIntervals.syncMs - nowMs) : undefined;
  }

  /** The collector ends, the day goes on. What is in the journal is safe, so a checkpoint that fails is no loss. */
  close(nowMs: number): void {
    const file = this.open();
    this.#append(nowMs);
    file.sync();
    this.#trying('checkpoint', nowMs, () => {
      file.checkpoint();
    });
    file.close();
  }

  /** The day is over. */
  finish(nowMs: number): void {
    const file = this.open();
    this.#append(nowMs);
    file.finish();
    this.#options.log(dayClosed(this.day));
  }

  /** Returns false when the disk refuses and it must be tried again. */
  tryToFinish(nowMs: number): boolean {
    return this.#trying('finish', nowMs, () => {
      this.finish(nowMs);
    });
  }

  get #hasGrown(): boolean {
    return this.#file?.wantsCheckpoint === true;
  }

  /** An attempt counts, whether it succeeds or not: a disk that refuses is not asked more often than one that does not. */
  #append(nowMs: number): void {
    this.#appendedMs = nowMs;
    const file = this.open();
    this.tally.flush((changes) => {
      file.append(changes);
      this.#isUnsynced = true;
    });
  }

  #sync(nowMs: number): void {
    this.#syncedMs = nowMs;
    this.#file?.sync();
    this.#isUnsynced = false;
  }

  #checkpoint(nowMs: number): void {
    this.#checkpointMs = nowMs;
    this.#file?.checkpoint();
  }

  #trying(step: Step, nowMs: number, write: () => void): boolean {
    try {
      write();
    } catch (error) {
      if (!(error instanceof StoreProblem)) throw error;
      this.#refused.add(step);
      this.#complain(error, nowMs);
      return false;
    }
    this.#noteWritten(step);
    return true;
  }

  #complain(problem: StoreProblem, nowMs: number): void {
    if (!isDue(this.#complainedMs, writerIntervals.complainMs, nowMs)) return;
    this.#options.log(storeNotWritten(problem.code, problem.message));
    this.#complainedMs = nowMs;
  }

  /** All is well again once the disk has taken everything that it refused; a finished day has everything. */
  #noteWritten(step: Step): void {
    if (this.#refused.size === 0) return;
    if (step === 'finish') this.#refused.clear();
    else this.#refused.delete(step);
    if (this.#refused.size > 0) return;
    this.#options.log(storeWrittenAgain());
    this.#complainedMs = undefined;
  }
}
