/**
 * Brings the tally to disk: one session day at a time, opened, journaled, checkpointed and closed as time goes by.
 *
 * Under load the tally is appended every 100 ms and synced every second; after a pause the first datagram is appended at once. When
 * the journal has grown it is folded into the day's file, which is a checkpoint, while appending goes on. A disk that refuses is tried
 * again each time: until then everything stays in memory.
 */
import {
  damagedDaySetAside,
  dayClosed,
  journalTorn,
  storeNotWritten,
  storeWrittenAgain,
} from '#events/collect-events.ts';
import type { Log } from '#events/event.ts';
import type { SnapshotState } from '#store/durable/database-file.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import type { RunningFold, StartFold } from '#store/fold-session-day.ts';
import { SessionDayWriter } from '#store/session-day-writer.ts';
import type { SessionChanges } from '#store/session-day-writer.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import { StoreProblem } from '#store/store-problem.ts';
import { isDue } from '#support/is-due.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { Counters } from './counters.ts';
import { SessionTally } from './session-tally.ts';

/** More than this is synced without waiting for the second to pass, so that little memory is held by it. */
const MOST_UNSYNCED_BYTES = 8_388_608;

export const writerIntervals = { appendMs: 100, syncMs: 1_000, checkpointMs: 1_000, complainMs: 60_000 } as const;

export interface DayWriterOptions {
  readonly state: StateDirectory;
  readonly sqlite: Sqlite;
  readonly startFold: StartFold;
  readonly log: Log;
  /** Gets everything that was stored of what this process did. */
  readonly totals: Counters;
}

const nothing: SessionChanges = {
  policies: [],
  failures: [],
  policyCounts: [],
  failureCounts: [],
  counters: new Map(),
};

type Step = 'append' | 'sync' | 'checkpoint' | 'finish';

export class DayWriter {
  readonly day: UtcDay;
  readonly tally = new SessionTally();
  /** What is to be stored with the next sessions. */
  #work = new Counters();
  readonly #options: DayWriterOptions;
  /** Undefined until it could be opened. */
  #file: SessionDayWriter | undefined;
  #folding: { readonly finish: boolean; readonly run: RunningFold } | undefined;
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
  open(): SessionDayWriter {
    if (this.#file) return this.#file;
    const { state, sqlite, log } = this.#options;
    const stem = state.sessionStem(this.day);
    const file = SessionDayWriter.open({
      sqlite,
      stem,
      identity: { day: this.day, origin: state.identity() },
      restore: ({ policies, failures }) => {
        this.tally.restore(policies, failures);
      },
    });
    if (file.damage) log(damagedDaySetAside(this.day, file.damage));
    if (file.tornBytes > 0) log(journalTorn(stem, file.tornBytes));
    this.#file = file;
    return file;
  }

  /** Does what is due, as far as the disk lets it. */
  write(nowMs: number): void {
    if (this.tally.hasChanges && isDue(this.#appendedMs, writerIntervals.appendMs, nowMs))
      this.#trying('append', nowMs, () => {
        this.#append(nowMs);
        return true;
      });
    if (this.#isSyncDue(nowMs))
      this.#trying('sync', nowMs, () => {
        this.#sync(nowMs);
        return true;
      });
    if (this.#isCheckpointDue(nowMs))
      this.#trying('checkpoint', nowMs, () => {
        this.#checkpoint(nowMs);
        return true;
      });
  }

  /** How much of the receiver's room was taken. */
  noteRing(usedBytes: number): void {
    this.#work.peak('ring-peak-bytes', usedBytes);
  }

  /** How long until there is something to write; undefined when nothing waits. */
  dueInMs(nowMs: number): number | undefined {
    if (this.tally.hasChanges) return Math.max(0, this.#appendedMs + writerIntervals.appendMs - nowMs);
    return this.#isUnsynced ? Math.max(0, this.#syncedMs + writerIntervals.syncMs - nowMs) : undefined;
  }

  /** The collector ends, the day goes on. What is in the journal is safe, so a checkpoint that fails is no loss. */
  async close(nowMs: number): Promise<void> {
    const file = this.open();
    this.#appendAll(nowMs);
    this.#sync(nowMs);
    await this.#foldingSettled();
    this.#trying('checkpoint', nowMs, () => {
      this.#takeOutcome();
      this.#startFold(false);
      return true;
    });
    await this.#foldingSettled();
    this.#trying('checkpoint', nowMs, () => {
      this.#takeOutcome();
      return true;
    });
    file.close();
  }

  /** The day is over. Throws a StoreProblem when the disk refuses. */
  async finish(nowMs: number): Promise<void> {
    while (!this.#finished(nowMs)) await this.#foldingSettled();
  }

  /** Returns false while the day is being closed, and when the disk refuses and it must be tried again. */
  tryToFinish(nowMs: number): boolean {
    return this.#trying('finish', nowMs, () => this.#finished(nowMs));
  }

  /** The same, for those who have time until there is a result. */
  async triedToFinish(nowMs: number): Promise<boolean> {
    while (!this.tryToFinish(nowMs)) {
      if (!this.#folding) return false;
      await this.#foldingSettled();
    }
    return true;
  }

  #isSyncDue(nowMs: number): boolean {
    if (!this.#isUnsynced) return false;
    const isMuch = (this.#file?.unsyncedBytes ?? 0) > MOST_UNSYNCED_BYTES;
    return isDue(this.#syncedMs, isMuch ? writerIntervals.appendMs : writerIntervals.syncMs, nowMs);
  }

  #isCheckpointDue(nowMs: number): boolean {
    if (this.#folding) return this.#folding.run.outcome !== undefined;
    return this.#file?.wantsFolding === true && isDue(this.#checkpointMs, writerIntervals.checkpointMs, nowMs);
  }

  /** An attempt counts, whether it succeeds or not: a disk that refuses is not asked more often than one that does not. */
  #append(nowMs: number): void {
    this.#appendedMs = nowMs;
    const file = this.open();
    this.tally.flush((changes) => {
      this.#isUnsynced = true;
      this.#store(file, changes);
    });
  }

  /** How much the last append wrote is known only after it. */
  #appendAll(nowMs: number): void {
    this.#append(nowMs);
    if (this.#file && this.#work.sums.size > 0) this.#store(this.#file, nothing);
    this.#work = new Counters();
  }

  #store(file: SessionDayWriter, changes: SessionChanges): void {
    const work = new Counters();
    work.addAll(this.#work);
    for (const [name, count] of changes.counters) work.add(name, count);
    const sizeBefore = file.journalBytes;
    file.append({ ...changes, counters: work.sums, peaks: work.peaks });
    this.#options.totals.addAll(work);
    this.#work = new Counters();
    this.#work.add('journaled-bytes', file.journalBytes - sizeBefore);
  }

  #sync(nowMs: number): void {
    this.#syncedMs = nowMs;
    this.#file?.sync();
    this.#isUnsynced = false;
  }

  /** Starts one, or goes on from where the one that was started has come to. */
  #checkpoint(nowMs: number): void {
    this.#checkpointMs = nowMs;
    const startedMs = performance.now();
    if (this.#folding) this.#takeOutcome();
    else this.#startFold(false);
    this.#work.peak('checkpoint-pause-ms', Math.ceil(performance.now() - startedMs));
  }

  /** True once the day is closed. */
  #finished(nowMs: number): boolean {
    if (this.#takeOutcome()) return true;
    if (this.#folding) return false;
    this.#appendAll(nowMs);
    this.#startFold(true);
    return this.#takeOutcome();
  }

  /** What is not safe in the journal must not be only in a file that is made of it. */
  #startFold(finish: boolean): void {
    const file = this.open();
    file.sync();
    this.#folding = { finish, run: this.#options.startFold({ stem: file.stem, finish }) };
  }

  /** Does what is to be done once the journal is folded, or throws what that failed with. True when it closed the day. */
  #takeOutcome(): boolean {
    if (!this.#folding?.run.outcome) return false;
    const { run, finish } = this.#folding;
    this.#folding = undefined;
    if (run.outcome?.kind === 'refused') throw run.outcome.error;
    if (finish) this.#closeDay();
    else if (run.outcome) this.#goOn(run.outcome.state);
    return finish;
  }

  #goOn(state: SnapshotState): void {
    this.#file?.continueFrom(state);
    this.#work.add('checkpoints', 1);
  }

  #closeDay(): void {
    this.#file?.close();
    this.#options.log(dayClosed(this.day));
  }

  async #foldingSettled(): Promise<void> {
    await this.#folding?.run.settled;
  }

  /** Returns false when `write` does, which is not done yet, and when the disk refuses. */
  #trying(step: Step, nowMs: number, write: () => boolean): boolean {
    try {
      if (!write()) return false;
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
