/**
 * The journals of a day that is being collected: frames are taken at once and written and synced while the collector goes on.
 *
 * What was written survives the end of the process, what was synced loss of power. Whatever fails is tried again with the next call:
 * a write at the same place of the same file; after a failed sync everything that was not safe in another file, since the kernel
 * reports a failed sync once and forgets what it could not write. So nothing is given up before it is safe.
 * Problems: store-locked, store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable; store-replaced, which lasts.
 */
import { allEnded } from '#support/all-ended.ts';
import { writeFullyLater } from '#support/durable-file.ts';
import type { FileLock } from '#support/file-lock.ts';
import { formatChanges } from '../durable/changes.ts';
import type { Change } from '../durable/changes.ts';
import { databasePaths } from '../durable/database-file.ts';
import { fillHeader, frameAround, frameKind } from '../durable/journal-format.ts';
import type { FrameKind } from '../durable/journal-format.ts';
import { acquireLock } from '../durable/lock-database.ts';
import { findPlace } from './journal-place.ts';
import type { JournalPlace, PlaceOptions } from './journal-place.ts';
import type { SessionDayIdentity } from './session-day.ts';
import { lockReplacedProblem, replacedProblem, writeProblem, writing } from '../store-problem.ts';
import type { StoreProblem } from '../store-problem.ts';
import type { AnnouncedJournal } from '../tally/frame-tail.ts';
import { UnsafeJournals } from './unsafe-journals.ts';
import type { OpenJournal } from './unsafe-journals.ts';

export interface SessionJournalOptions extends PlaceOptions {
  readonly identity: SessionDayIdentity;
  /** Told whenever more can be read. */
  readonly announce: (journal: AnnouncedJournal) => void;
}

/** By name. */
export interface DayFigures {
  /** Added to what is stored. */
  readonly sums: ReadonlyMap<string, number>;
  /** Kept where they are higher than what is stored. */
  readonly peaks: ReadonlyMap<string, number>;
}

interface QueuedFrame {
  readonly number: number;
  readonly kind: FrameKind;
  /** Its header is filled in when it is written. */
  readonly frame: Buffer;
}

/** A journal that is longer is left and the next one begun, so that those that are in the snapshot can go. */
const JOURNAL_BYTES = 33_554_432;
/**
 * While so many are not safe, the last one grows instead. Each takes one of the four threads that libuv has for calls to the disk when it is
 * synced, and so does their directory: what is to be written needs the fourth, however long a sync takes.
 */
const MOST_UNSAFE_JOURNALS = 2;
/** What is written in one go, so that a busy process need not come by for each frame. */
const WRITE_BYTES = 4_194_304;
const WRITE_FRAMES = 64;

export class SessionJournal {
  readonly #options: SessionJournalOptions;
  readonly #lock: FileLock;
  readonly #files: UnsafeJournals;
  #lastFrame: number;
  #safeFrame: number;
  /** The last one that ever was in a file; after a failed sync it waits to be written anew. */
  #furthestFrame: number;
  /** Taken, and not yet written. */
  #waiting: QueuedFrame[] = [];
  /** Written, and not yet safe. */
  #unsafe: QueuedFrame[] = [];
  #isWriting = false;
  /** The latest sync that is under way. */
  #syncing: Promise<void> | undefined;
  /** What somebody has taken away, which no further try brings back. */
  #loss: StoreProblem | undefined;
  #waitingBytes = 0;
  #unsafeBytes = 0;

  private constructor(options: SessionJournalOptions, lock: FileLock, { lastNumber, lastFrame }: JournalPlace) {
    this.#options = options;
    this.#lock = lock;
    this.#files = new UnsafeJournals(options.disk, options.stem, lastNumber);
    this.#lastFrame = lastFrame;
    this.#safeFrame = lastFrame;
    this.#furthestFrame = lastFrame;
    if (lastFrame === 0) this.#putBegin();
  }

  /** Takes the day's lock, and goes on behind what there is of it. */
  static async open(options: SessionJournalOptions): Promise<SessionJournal> {
    const { disk, stem } = options;
    const lock = acquireLock(disk, databasePaths(stem));
    try {
      return new SessionJournal(options, lock, await findPlace(options));
    } catch (error) {
      lock.release();
      throw writeProblem(stem, error);
    }
  }

  /** Of frames that wait to be written. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Of frames that are written and not yet safe. */
  get unsafeBytes(): number {
    return this.#unsafeBytes;
  }

  /** The last frame that is in a file, or was before this run. */
  get writtenFrame(): number {
    return (this.#waiting[0]?.number ?? this.#lastFrame + 1) - 1;
  }

  /** Everything up to that frame is safe from loss of power. */
  get safeFrame(): number {
    return this.#safeFrame;
  }

  /** True when everything that was put is. */
  get isSafe(): boolean {
    return this.#safeFrame === this.#lastFrame;
  }

  /** What is written next goes into another journal, so that those there are can be removed once they are in the snapshot. */
  beginAnother(): void {
    this.#files.leaveCurrent();
  }

  /** Takes a frame of datagrams whose header is still to be filled in. Returns its number. */
  put(frame: Buffer, hasReceipts = false): number {
    return this.#put(frame, hasReceipts ? frameKind.receipted : frameKind.datagrams);
  }

  /** Figures about the collector's own work, to be stored with the day. */
  putFigures({ sums, peaks }: DayFigures): void {
    this.#putChanges([
      ...[...sums].map(([name, value]): Change => ['count', { name, value }]),
      ...[...peaks].map(([name, value]): Change => ['peak', { name, value }]),
    ]);
  }

  /** Writes what waits. Nothing happens while a call before it is under way. */
  async write(): Promise<void> {
    if (this.#isWriting) return;
    if (this.#loss) throw this.#loss;
    this.#isWriting = true;
    try {
      while (this.#waiting.length > 0) await this.#writeNext();
    } finally {
      this.#isWriting = false;
      this.#closeRetired();
    }
  }

  /**
   * Makes safe what was written before. It begins at once, also while a sync before it is under way, and counts once both have ended well:
   * the kernel may tell only one of them of what it could not write.
   */
  async sync(): Promise<void> {
    if (this.#unsafe.length === 0) {
      this.#requirePlace();
      return;
    }
    const last = this.#unsafe.at(-1)?.number ?? 0;
    const syncing = allEnded([this.#files.sync(), this.#syncing ?? Promise.resolve()]);
    this.#syncing = syncing;
    try {
      await this.#trying(() => syncing);
      if (this.#syncing !== syncing) return; // it counts with the one that began since
      this.#requirePlace();
      this.#noteSafe(last);
    } catch (error) {
      this.#writeAnew();
      throw error;
    } finally {
      if (this.#syncing === syncing) this.#syncing = undefined;
      this.#closeRetired();
    }
  }

  /** To be called when nothing is under way. What is not safe then is in the files all the same, or was never written. */
  close(): void {
    try {
      this.#files.close();
    } finally {
      this.#lock.release();
    }
  }

  #putChanges(changes: readonly Change[]): void {
    this.#put(frameAround(formatChanges(changes)), frameKind.statements);
  }

  #put(frame: Buffer, kind: FrameKind): number {
    this.#lastFrame += 1;
    this.#waiting.push({ number: this.#lastFrame, kind, frame });
    this.#waitingBytes += frame.length;
    return this.#lastFrame;
  }

  async #writeNext(): Promise<void> {
    const { disk, announce } = this.#options;
    const file = this.#files.current ?? this.#begin(this.writtenFrame + 1);
    const next = firstOf(
      this.#waiting,
      this.#mayLeave ? Math.min(WRITE_BYTES, JOURNAL_BYTES - file.sizeBytes) : WRITE_BYTES,
    );
    const safeFrame = this.#safeFrame;
    for (const { frame, number, kind } of next) fillHeader(frame, { number, kind, safeFrame }, file.header.salt);
    const frames = next.map(({ frame }) => frame);
    await this.#trying(() => writeFullyLater(file.fd, frames, file.sizeBytes, disk));
    if (file !== this.#files.current) return; // a sync failed meanwhile: they are written anew
    file.sizeBytes += bytesOf(next);
    file.isWritten = true;
    this.#noteWritten(next);
    file.lastFrame = this.writtenFrame;
    announce({ journal: file.header.number, sizeBytes: file.sizeBytes });
    this.#files.removeSuperseded(this.writtenFrame);
    if (file.sizeBytes > JOURNAL_BYTES && this.#mayLeave) this.#files.leaveCurrent();
  }

  get #mayLeave(): boolean {
    return this.#files.count < MOST_UNSAFE_JOURNALS;
  }

  /** What somebody has taken away lasts for as long as it is open only. */
  #requirePlace(): void {
    this.#loss ??= writing(`${this.#options.stem}.N.journal`, () => this.#findLoss());
    if (this.#loss) throw this.#loss;
  }

  #findLoss(): StoreProblem | undefined {
    const { stem } = this.#options;
    if (this.#files.isReplaced) return replacedProblem(stem);
    return this.#lock.isReplaced() ? lockReplacedProblem(databasePaths(stem).lock) : undefined;
  }

  #putBegin(): void {
    const { day, origin } = this.#options.identity;
    this.#putChanges([['begin-day', { day, origin }]]);
  }

  #noteWritten(written: readonly QueuedFrame[]): void {
    const bytes = bytesOf(written);
    this.#waiting.splice(0, written.length);
    this.#unsafe.push(...written);
    this.#waitingBytes -= bytes;
    this.#unsafeBytes += bytes;
    this.#furthestFrame = Math.max(this.#furthestFrame, this.writtenFrame);
  }

  #begin(firstFrame: number): OpenJournal {
    return writing(`${this.#options.stem}.N.journal`, () => this.#files.begin(firstFrame, this.#furthestFrame));
  }

  #noteSafe(last: number): void {
    this.#safeFrame = last;
    const count = this.#unsafe.findIndex(({ number }) => number > last);
    const safe = this.#unsafe.splice(0, count < 0 ? this.#unsafe.length : count);
    this.#unsafeBytes -= bytesOf(safe);
  }

  /** Whatever the files hold that is not safe is put into another one, which takes their place once it has as much. */
  #writeAnew(): void {
    this.#waiting = [...this.#unsafe, ...this.#waiting];
    this.#waitingBytes += this.#unsafeBytes;
    this.#unsafe = [];
    this.#unsafeBytes = 0;
    this.#files.supersede(this.#safeFrame);
  }

  /** Not before whatever uses their descriptors has ended. */
  #closeRetired(): void {
    if (!this.#isWriting && !this.#syncing) this.#files.closeRetired();
  }

  async #trying(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      throw writeProblem(`${this.#options.stem}.N.journal`, error);
    }
  }
}

/** As many as there is room for, and one in any case. */
function firstOf(waiting: readonly QueuedFrame[], roomBytes: number): QueuedFrame[] {
  let bytes = 0;
  const end = waiting.findIndex(({ frame }, index) => {
    bytes += frame.length;
    return index > 0 && (bytes > roomBytes || index === WRITE_FRAMES);
  });
  return waiting.slice(0, end < 0 ? undefined : end);
}

function bytesOf(frames: readonly QueuedFrame[]): number {
  return frames.reduce((sum, { frame }) => sum + frame.length, 0);
}
