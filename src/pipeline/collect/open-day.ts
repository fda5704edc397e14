/**
 * A day as the collector has it open: what comes is gathered, journaled within 50 ms, and synced within a second.
 *
 * Nothing here waits for the disk. While the disk refuses or is slow, what was counted stays in memory, and everything is tried again; when
 * that becomes too much, datagrams that have to be parsed are lost, and those that are known are counted all the same.
 */
import type { Change } from '#store/durable/changes.ts';
import type { SessionJournal } from '#store/session-journal.ts';
import { StoreProblem, writeProblem } from '#store/store-problem.ts';
import type { RejectionReason } from '#store/tally/session-tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { GatheredFrames } from './gathered-frames.ts';
import type { Receiver } from './receiver.ts';

export const dayLimits = {
  gatherMs: 50,
  syncMs: 1_000,
  retryMs: 1_000,
  /** Of text that is not written: beyond it only what is known is counted. */
  waitingBytes: 67_108_864,
  /** Of frames that are not safe: beyond it nothing is written until they are. */
  unsafeBytes: 134_217_728,
} as const;

type Step = 'open' | 'write' | 'sync';

export interface OpenDayOptions {
  readonly day: UtcDay;
  readonly open: () => Promise<SessionJournal>;
  readonly steadyMs: () => number;
  /** The disk refuses; told each time. */
  readonly refused: (problem: StoreProblem) => void;
  /** Everything that was refused has been done. */
  readonly recovered: () => void;
}

export class OpenDay {
  readonly day: UtcDay;
  readonly #options: OpenDayOptions;
  readonly #gathered = new GatheredFrames();
  #journal: SessionJournal | undefined;
  #changes: Change[] = [];
  /** Since when something waits to be journaled, undefined when nothing does. */
  #gatheringMs: number | undefined;
  #syncedMs = 0;
  #retryMs = 0;
  readonly #refused = new Set<Step>();
  readonly #running = new Map<Step, Promise<void>>();

  constructor(options: OpenDayOptions) {
    this.day = options.day;
    this.#options = options;
  }

  /** False when there is no room for what has to be parsed. */
  get hasRoom(): boolean {
    return this.#gathered.sizeBytes + (this.#journal?.waitingBytes ?? 0) < dayLimits.waitingBytes;
  }

  /** True when everything that was counted is safe from loss of power. */
  get isSafe(): boolean {
    return this.#gathered.isEmpty && this.#changes.length === 0 && this.#journal?.isSafe === true;
  }

  /** Counts a datagram under the number that it has in a generation of numbers. False when it is lost for want of room. */
  count(number: number, generation: number, bytes: Buffer, receiver: Receiver): boolean {
    this.#gathered.useGeneration(generation);
    if (!this.#gathered.isDefined(number)) {
      if (!this.hasRoom) return false;
      this.#gathered.define(number, bytes);
    }
    this.#gathered.count(number, receiver);
    this.#gatheringMs ??= this.#options.steadyMs();
    return true;
  }

  /** To be stored with the day. */
  note(changes: readonly Change[]): void {
    this.#changes.push(...changes);
    this.#gatheringMs ??= this.#options.steadyMs();
  }

  noteRejected(frame: number, number: number, reason: RejectionReason): void {
    this.#gathered.noteRejected(frame, number, reason);
  }

  /** What became of everything up to that frame is known. False for a frame that an earlier run put. */
  noteTallied(frame: number): boolean {
    return this.#gathered.noteTallied(frame);
  }

  /** Begins what is due, and does not wait for it. */
  write(): void {
    const nowMs = this.#options.steadyMs();
    if (nowMs < this.#retryMs) return;
    const journal = this.#journal;
    if (!journal) {
      this.#run('open', () => this.#open());
      return;
    }
    if (this.#gatheringMs !== undefined && nowMs - this.#gatheringMs >= dayLimits.gatherMs) this.#putInto(journal);
    if (journal.waitingBytes > 0 && journal.unsafeBytes < dayLimits.unsafeBytes)
      this.#run('write', () => journal.write());
    const isMuch = journal.unsafeBytes > dayLimits.unsafeBytes / 2;
    if (!journal.isSafe && (isMuch || nowMs - this.#syncedMs >= dayLimits.syncMs)) this.#sync(journal, nowMs);
  }

  /** How long until there is something to do. */
  get dueInMs(): number {
    const nowMs = this.#options.steadyMs();
    const isOpening = this.#running.has('open');
    return Math.max(this.#plannedInMs(nowMs), this.#retryMs - nowMs, isOpening ? dayLimits.gatherMs : 0);
  }

  /** When nothing is in the way. */
  #plannedInMs(nowMs: number): number {
    if (this.#gatheringMs !== undefined) return Math.max(0, this.#gatheringMs + dayLimits.gatherMs - nowMs);
    return this.#journal?.isSafe === false ? Math.max(0, this.#syncedMs + dayLimits.syncMs - nowMs) : Infinity;
  }

  /** Writes and syncs everything. Throws the StoreProblem that keeps it from that. */
  async flush(): Promise<void> {
    await this.idle();
    if (!this.#journal) await this.#open();
    const journal = this.#journal;
    if (!journal) return;
    this.#putInto(journal);
    await journal.write();
    await journal.sync();
  }

  /** Lets go of the files; what is not in them is lost. */
  async close(): Promise<void> {
    await this.idle();
    this.#journal?.close();
    this.#journal = undefined;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  async #open(): Promise<void> {
    this.#journal = await this.#options.open();
  }

  #putInto(journal: SessionJournal): void {
    if (this.#changes.length > 0) journal.putChanges(this.#changes);
    this.#changes = [];
    this.#gathered.putInto(journal);
    this.#gatheringMs = undefined;
  }

  #sync(journal: SessionJournal, nowMs: number): void {
    this.#syncedMs = nowMs;
    this.#run('sync', () => journal.sync());
  }

  /** One of each at a time. */
  #run(step: Step, act: () => Promise<void>): void {
    if (this.#running.has(step)) return;
    const running = this.#trying(step, act).finally(() => {
      this.#running.delete(step);
    });
    this.#running.set(step, running);
  }

  async #trying(step: Step, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.#noteDone(step);
    } catch (error) {
      const problem = writeProblem(`sessions/${this.day}`, error);
      if (!(problem instanceof StoreProblem)) throw error;
      this.#refused.add(step);
      this.#retryMs = this.#options.steadyMs() + dayLimits.retryMs;
      this.#options.refused(problem);
    }
  }

  #noteDone(step: Step): void {
    if (this.#refused.delete(step) && this.#refused.size === 0) this.#options.recovered();
  }
}
