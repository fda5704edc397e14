/**
 * A day as the collector has it open: what comes is gathered, journaled within 50 ms, much of it at once, and synced within a second.
 *
 * Nothing here waits for the disk. While the disk refuses or is slow, what was counted stays in memory (see room.ts), and everything is
 * tried again.
 */
import type { DayFigures, SessionJournal } from '#store/sessions/session-journal.ts';
import type { DatagramBatch } from '#store/tally/datagram-payload.ts';
import { Problem } from '#support/problem.ts';
import type { RejectionReason } from '#store/tally/session-tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { GatheredFrames } from './gathered-frames.ts';
import type { Posting, Receiver } from './receiver.ts';
import { Retries } from './retries.ts';
import type { Step } from './retries.ts';
import { roomLimits } from './room.ts';

export const dayLimits = {
  gatherMs: 50,
  /** The same while somebody waits for an answer. */
  awaitedMs: 5,
  syncMs: 1_000,
  /** Of frames that are not safe: from here on they are synced without waiting for the second to pass, as they are kept until then. */
  manyUnsafeBytes: 8_388_608,
  /**
   * Of what is to be written, or synced: beyond it a disk that is at work is given a moment, and datagrams wait where they are. What is not
   * written is lost with the process; what is not synced only takes memory.
   */
  calmBytes: { write: 4_194_304, sync: 16_777_216 },
  /** A disk that has done nothing for so long is not at work. */
  calmMs: 100,
} as const;

/** What was written survives the end of the process, what is safe loss of power. */
export type AnswersWhen = 'written' | 'safe';

export interface OpenDayOptions {
  readonly day: UtcDay;
  readonly batch: DatagramBatch;
  /** `wrote` is to be called with each piece that is in a file. */
  readonly open: (wrote: () => void) => Promise<SessionJournal>;
  readonly steadyMs: () => number;
  /** The disk refuses; told each time. */
  readonly refused: (problem: Problem) => void;
  /** Everything that was kept while the disk refused is safe. */
  readonly recovered: () => void;
  /** What those who post wait for. */
  readonly answersWhen?: AnswersWhen | undefined;
}

export class OpenDay {
  readonly day: UtcDay;
  readonly #options: OpenDayOptions;
  readonly #gathered: GatheredFrames;
  #journal: SessionJournal | undefined;
  #figures: DayFigures[] = [];
  /** Since when something waits to be journaled, undefined when nothing does. */
  #gatheringMs: number | undefined;
  #syncedMs = 0;
  /** When the disk last did what it was asked to do. */
  readonly #doneMs = new Map<Step, number>();
  readonly #retries = new Retries();
  /** True from a refusal on until what was kept meanwhile is safe. */
  #isRecovering = false;
  /** The last frame of that, once it is written. */
  #keptUpTo: number | undefined;
  readonly #running = new Map<Step, Promise<void>>();

  constructor(options: OpenDayOptions) {
    this.day = options.day;
    this.#options = options;
    this.#gathered = new GatheredFrames(options.batch);
  }

  /** True when the disk is at work and has fallen behind: what came would only take memory. */
  get wantsPause(): boolean {
    if (!this.#journal || this.#retries.areSomeRefused) return false;
    const { waitingBytes, unsafeBytes } = this.#journal;
    return this.#isMuchFor('write', this.#gathered.sizeBytes + waitingBytes) || this.#isMuchFor('sync', unsafeBytes);
  }

  /** True when everything that was counted is safe from loss of power. */
  get isSafe(): boolean {
    return this.#gathered.isEmpty && this.#figures.length === 0 && this.#journal?.isSafe === true;
  }

  /** Whether the journals have the bytes for which a number stands in that generation of numbers: counting them takes no room. */
  isDefined(number: number, generation: number): boolean {
    return this.#gathered.isDefined(number, generation);
  }

  count(number: number, generation: number, bytes: Buffer, receiver: Receiver): void {
    if (!this.#gathered.isDefined(number, generation)) this.#gathered.define(number, generation, bytes);
    this.#gathered.count(number, receiver);
    this.#gatheringMs ??= this.#options.steadyMs();
  }

  /** See gathered-frames.ts. */
  post(posting: Pick<Posting, 'poster' | 'receipt'>): void {
    this.#gathered.post(posting);
    this.#gatheringMs ??= this.#options.steadyMs();
  }

  /** How many datagrams are in memory alone. */
  get unwritten(): number {
    return this.#gathered.countBehind(this.#journal?.writtenFrame ?? 0);
  }

  /** To be stored with the day. */
  note(figures: DayFigures): void {
    this.#figures.push(figures);
    this.#gatheringMs ??= this.#options.steadyMs();
  }

  noteRejected(frame: number, number: number, reason: RejectionReason): void {
    this.#gathered.noteRejected(frame, number, reason);
  }

  /** What became of everything up to that frame is known. False for a frame that an earlier run put. */
  noteTallied(frame: number): boolean {
    return this.#gathered.noteTallied(frame);
  }

  /** What was journaled may go at any moment, with all that it says of datagrams: nothing that comes goes into the same journal or relies on it. */
  beginAnew(): void {
    this.#gathered.forgetDefined();
    this.#journal?.beginAnother();
  }

  /** Begins what is due, and does not wait for it. */
  write(): void {
    const nowMs = this.#options.steadyMs();
    const journal = this.#journal;
    if (!journal) {
      if (nowMs >= this.#retries.atMs('open')) this.#run('open', () => this.#open());
      return;
    }
    if (nowMs >= this.#retries.atMs('write')) this.#writeInto(journal, nowMs);
    if (nowMs >= this.#retries.atMs('sync')) this.#syncIfDue(journal, nowMs);
  }

  /** How long until there is something to do. What a slow disk has under way is looked at again before long. */
  get dueInMs(): number {
    const dueInMs = Math.min(this.#writeDueMs, this.#syncDueMs) - this.#options.steadyMs();
    return Math.max(this.#running.size > 0 ? this.#gatherMs : 0, dueInMs);
  }

  get #gatherMs(): number {
    return this.#gathered.isAwaited ? dayLimits.awaitedMs : dayLimits.gatherMs;
  }

  get #writeDueMs(): number {
    const retryMs = this.#retries.atMs(this.#journal ? 'write' : 'open');
    if ((this.#journal?.waitingBytes ?? 0) > 0) return retryMs;
    return Math.max(this.#gatheredMs, retryMs);
  }

  /**
   * When what is gathered is to be journaled: whole frames at once, since at a high rate much would come in 50 ms. Not while syncs have failed
   * for so long that the counts alone have taken all room.
   */
  get #gatheredMs(): number {
    if ((this.#journal?.unsafeBytes ?? 0) >= roomLimits.heldBytes) return Infinity;
    if (this.#gathered.hasWholeFrames) return 0;
    return this.#gatheringMs === undefined ? Infinity : this.#gatheringMs + this.#gatherMs;
  }

  get #syncDueMs(): number {
    if (this.#journal?.isSafe !== false) return Infinity;
    return Math.max(this.#isSyncAwaited ? 0 : this.#syncedMs + dayLimits.syncMs, this.#retries.atMs('sync'));
  }

  /** Writes and syncs everything, without waiting for a sync that is under way before its own. Throws the problem that keeps it from that. */
  async flush(): Promise<void> {
    await Promise.all([this.#running.get('open'), this.#running.get('write')]);
    if (!this.#journal) await this.#open();
    if (this.#journal) await this.#flushInto(this.#journal);
    this.#endRecovery();
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

  /** What is kept until it is safe. */
  get heldBytes(): number {
    return this.#gathered.sizeBytes + (this.#journal?.waitingBytes ?? 0) + (this.#journal?.unsafeBytes ?? 0);
  }

  /** A disk that writes at once but takes seconds for a sync is waited for as one that writes. */
  #isMuchFor(step: 'write' | 'sync', bytes: number): boolean {
    const doneMs = this.#doneMs.get(step) ?? this.#doneMs.get('open') ?? 0;
    return bytes > dayLimits.calmBytes[step] && this.#options.steadyMs() - doneMs < dayLimits.calmMs;
  }

  async #open(): Promise<void> {
    this.#journal = await this.#options.open(() => {
      this.#doneMs.set('write', this.#options.steadyMs());
    });
  }

  async #flushInto(journal: SessionJournal): Promise<void> {
    this.#putInto(journal);
    await journal.write();
    this.#answer();
    await journal.sync();
    this.#answer();
  }

  /** Tells those who posted what was journaled since the last time. */
  #answer(): void {
    const { answersWhen } = this.#options;
    const frame = answersWhen === 'safe' ? this.#journal?.safeFrame : this.#journal?.writtenFrame;
    if (frame !== undefined) this.#gathered.noteJournaled(frame);
  }

  get #isSyncAwaited(): boolean {
    return this.#options.answersWhen === 'safe' && this.#gathered.isAwaited;
  }

  #putInto(journal: SessionJournal): void {
    for (const figures of this.#figures.splice(0)) journal.putFigures(figures);
    this.#gathered.putInto(journal);
    this.#gatheringMs = undefined;
    this.#answer(); // those that wait for what was written before
  }

  #writeInto(journal: SessionJournal, nowMs: number): void {
    if (journal.waitingBytes === 0 && nowMs >= this.#gatheredMs) this.#putInto(journal);
    if (journal.waitingBytes > 0) this.#run('write', () => this.#writeDue(journal));
  }

  /** Nothing is put while something waits: what comes again meanwhile adds to the counts that are gathered, and takes no more memory. */
  async #writeDue(journal: SessionJournal): Promise<void> {
    await journal.write();
    this.#answer();
    while (this.#options.steadyMs() >= this.#gatheredMs) {
      this.#putInto(journal);
      await journal.write();
      this.#answer();
    }
  }

  #syncIfDue(journal: SessionJournal, nowMs: number): void {
    const isMuch = journal.unsafeBytes > dayLimits.manyUnsafeBytes;
    if (journal.isSafe || !(isMuch || nowMs >= this.#syncDueMs)) return;
    this.#syncedMs = nowMs;
    if (journal.unsafeBytes > 0) this.#run('sync', () => journal.sync());
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
      if (!(error instanceof Problem)) throw error;
      this.#noteRefused(step);
      this.#options.refused(error);
    }
  }

  #noteRefused(step: Step): void {
    this.#retries.noteRefused(step, this.#options.steadyMs());
    this.#isRecovering = true;
    this.#keptUpTo = undefined;
  }

  #noteDone(step: Step): void {
    this.#doneMs.set(step, this.#options.steadyMs());
    this.#retries.noteDone(step);
    this.#answer();
    if (step === 'write') this.#keptUpTo ??= this.#journal?.writtenFrame;
    if (!this.#retries.areSomeRefused && this.#isKeptSafe) this.#endRecovery();
  }

  #endRecovery(): void {
    if (this.#isRecovering) this.#options.recovered();
    this.#isRecovering = false;
  }

  /** What comes meanwhile need not be. */
  get #isKeptSafe(): boolean {
    if (this.isSafe) return true;
    return this.#keptUpTo !== undefined && (this.#journal?.safeFrame ?? 0) >= this.#keptUpTo;
  }
}
