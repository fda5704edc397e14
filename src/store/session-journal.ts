/**
 * The journals of a day that is being collected: frames are taken at once and written and synced while the collector goes on.
 *
 * What was written survives the end of the process, what was synced loss of power. Whatever fails is tried again with the next call:
 * a write at the same place of the same file; after a failed sync everything that was not safe in another file, since the kernel
 * reports a failed sync once and forgets what it could not write. So nothing is given up before it is safe.
 * Problems: store-locked, store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { dirname } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { closeIfPossible, writeFullyLater } from '#support/durable-file.ts';
import type { FileLock } from '#support/file-lock.ts';
import { formatChanges } from './durable/changes.ts';
import type { Change } from './durable/changes.ts';
import { databasePaths } from './durable/database-file.ts';
import type { DatabasePaths, DatabaseContext } from './durable/database-file.ts';
import { beginJournal } from './durable/journal-files.ts';
import type { BegunJournal } from './durable/journal-files.ts';
import { formatFrame, frameKind, HEADER_BYTES } from './durable/journal-format.ts';
import type { FrameKind } from './durable/journal-format.ts';
import { JournalReader } from './durable/journal-reader.ts';
import { acquireLock } from './durable/lock-database.ts';
import { readLastFrame } from './session-day.ts';
import type { SessionDayIdentity } from './session-day.ts';
import { writeProblem, writing } from './store-problem.ts';
import type { AnnouncedJournal } from './tally/frame-tail.ts';

export interface SessionJournalOptions {
  readonly disk: Disk;
  /** The path of the day without `.sqlite`. */
  readonly stem: string;
  readonly identity: SessionDayIdentity;
  /** Only a day that was closed before needs it. */
  readonly loadContext: () => Promise<DatabaseContext>;
  /** Told whenever more can be read. */
  readonly announce: (journal: AnnouncedJournal) => void;
}

interface QueuedFrame {
  readonly number: number;
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

interface OpenFile extends BegunJournal {
  sizeBytes: number;
  /** True while its name may be lost with the power. */
  isUnnamed: boolean;
  /** True when it was written to since a sync began. */
  isWritten: boolean;
}

/** A journal that is longer is left and the next one begun, so that those that are in the snapshot can go. */
const JOURNAL_BYTES = 33_554_432;
const WRITE_BYTES = 1_048_576;

export class SessionJournal {
  readonly #options: SessionJournalOptions;
  readonly #lock: FileLock;
  #lastNumber: number;
  #lastFrame: number;
  #safeFrame: number;
  /** Taken, and not yet written. */
  #waiting: QueuedFrame[] = [];
  /** Written, and not yet safe. */
  #unsafe: QueuedFrame[] = [];
  #current: OpenFile | undefined;
  /** Those that hold something that is not safe; the current one is the last. */
  #files: OpenFile[] = [];
  /** Those that nobody needs any more. */
  #retired: OpenFile[] = [];
  #isWriting = false;
  #isSyncing = false;
  #waitingBytes = 0;
  #unsafeBytes = 0;

  private constructor(
    options: SessionJournalOptions,
    lock: FileLock,
    found: { lastNumber: number; lastFrame: number },
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#lastNumber = found.lastNumber;
    this.#lastFrame = found.lastFrame;
    this.#safeFrame = found.lastFrame;
    const { day, origin } = options.identity;
    if (found.lastFrame === 0) this.putChanges([['begin-day', { day, origin }]]);
  }

  /** Takes the day's lock, and goes on behind what there is of it. */
  static async open(options: SessionJournalOptions): Promise<SessionJournal> {
    const { disk, stem } = options;
    const paths = databasePaths(stem);
    const lock = acquireLock(disk, paths);
    try {
      return new SessionJournal(options, lock, await findPlace(options, paths));
    } catch (error) {
      lock.release();
      throw error;
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

  /** True when everything that was put is safe from loss of power. */
  get isSafe(): boolean {
    return this.#safeFrame === this.#lastFrame;
  }

  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Returns the frame's number. */
  put(payload: Buffer, kind: FrameKind = frameKind.datagrams): number {
    this.#lastFrame += 1;
    this.#waiting.push({ number: this.#lastFrame, kind, payload });
    this.#waitingBytes += payload.length;
    return this.#lastFrame;
  }

  putChanges(changes: readonly Change[]): number {
    return this.put(formatChanges(changes), frameKind.statements);
  }

  /** Writes what waits. Nothing happens while a call before it is under way. */
  async write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      while (this.#waiting.length > 0) await this.#writeSome();
    } finally {
      this.#isWriting = false;
      this.#closeRetired();
    }
  }

  /** Makes safe what was written before. Nothing happens while a call before it is under way. */
  async sync(): Promise<void> {
    if (this.#isSyncing || this.#unsafe.length === 0) return;
    this.#isSyncing = true;
    const last = this.#unsafe.at(-1)?.number ?? 0;
    const files = [...this.#files];
    try {
      for (const file of files) await this.#syncFile(file);
      this.#noteSafe(last, files);
    } catch (error) {
      this.#writeAnew();
      throw error;
    } finally {
      this.#isSyncing = false;
      this.#closeRetired();
    }
  }

  /** To be called when nothing is under way. What is not safe then is in the files all the same, or was never written. */
  close(): void {
    try {
      this.#retired.push(...this.#files);
      this.#files = [];
      this.#current = undefined;
      this.#closeRetired();
    } finally {
      this.#lock.release();
    }
  }

  async #writeSome(): Promise<void> {
    const { disk, announce } = this.#options;
    const file = this.#current ?? this.#begin();
    const frames = this.#nextFrames();
    const bytes = Buffer.concat(
      frames.map((frame) => formatFrame({ ...frame, safeFrame: this.#safeFrame }, file.header.salt)),
    );
    await this.#trying(() => writeFullyLater(file.fd, bytes, file.sizeBytes, disk));
    if (file !== this.#current) return; // a sync failed meanwhile: these frames are written anew
    file.sizeBytes += bytes.length;
    file.isWritten = true;
    this.#noteWritten(frames);
    announce({ journal: file.header.number, sizeBytes: file.sizeBytes });
    if (file.sizeBytes > JOURNAL_BYTES) this.#current = undefined;
  }

  #nextFrames(): QueuedFrame[] {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ payload }) => (bytes += payload.length) > WRITE_BYTES);
    return this.#waiting.slice(0, end < 0 ? undefined : Math.max(1, end));
  }

  #noteWritten(frames: readonly QueuedFrame[]): void {
    const bytes = frames.reduce((sum, { payload }) => sum + payload.length, 0);
    this.#waiting.splice(0, frames.length);
    this.#unsafe.push(...frames);
    this.#waitingBytes -= bytes;
    this.#unsafeBytes += bytes;
  }

  #begin(): OpenFile {
    const { disk, stem } = this.#options;
    this.#lastNumber += 1;
    const firstFrame = this.#waiting[0]?.number ?? this.#lastFrame + 1;
    const begun = writing(`${stem}.N.journal`, () => beginJournal(disk, stem, this.#lastNumber, firstFrame));
    this.#current = { ...begun, sizeBytes: HEADER_BYTES, isUnnamed: true, isWritten: false };
    this.#files.push(this.#current);
    return this.#current;
  }

  async #syncFile(file: OpenFile): Promise<void> {
    const { disk, stem } = this.#options;
    file.isWritten = false;
    await this.#trying(() => disk.syncLater(file.fd));
    if (!file.isUnnamed) return;
    await this.#trying(async () => {
      const directory = disk.open(dirname(stem), 'read');
      try {
        await disk.syncLater(directory);
      } finally {
        disk.close(directory);
      }
    });
    file.isUnnamed = false;
  }

  #noteSafe(last: number, files: readonly OpenFile[]): void {
    this.#safeFrame = last;
    const count = this.#unsafe.findIndex(({ number }) => number > last);
    const safe = this.#unsafe.splice(0, count < 0 ? this.#unsafe.length : count);
    this.#unsafeBytes -= safe.reduce((sum, { payload }) => sum + payload.length, 0);
    const done = files.filter((file) => file !== this.#current && !file.isWritten);
    this.#files = this.#files.filter((file) => !done.includes(file));
    this.#retired.push(...done);
  }

  /** Whatever the files hold that is not safe is put into another one. */
  #writeAnew(): void {
    this.#waiting = [...this.#unsafe, ...this.#waiting];
    this.#waitingBytes += this.#unsafeBytes;
    this.#unsafe = [];
    this.#unsafeBytes = 0;
    this.#retired.push(...this.#files);
    this.#files = [];
    this.#current = undefined;
  }

  /** Not before whatever uses their descriptors has ended. */
  #closeRetired(): void {
    if (this.#isWriting || this.#isSyncing) return;
    for (const { fd } of this.#retired.splice(0)) closeIfPossible(fd, this.#options.disk);
  }

  #trying(act: () => Promise<void>): Promise<void> {
    return writingLater(`${this.#options.stem}.N.journal`, act);
  }
}

async function writingLater(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw writeProblem(path, error);
  }
}

/**
 * An open day keeps its last journal, so only a closed one has to be asked for its snapshot. What an earlier run wrote and did not sync is
 * made safe before anything is said to follow it.
 */
async function findPlace(
  { disk, stem, loadContext }: SessionJournalOptions,
  { snapshot }: DatabasePaths,
): Promise<{ lastNumber: number; lastFrame: number }> {
  const reader = writing(`${stem}.N.journal`, () => JournalReader.open(disk, stem));
  try {
    const { lastNumber, firstFrame } = reader;
    if (!reader.isEmpty) await writingLater(`${stem}.N.journal`, () => reader.syncLater());
    if (firstFrame !== undefined) return { lastNumber, lastFrame: reader.findLastFrame(firstFrame - 1) };
  } finally {
    reader.close();
  }
  const lastFrame = disk.status(snapshot) ? readLastFrame(await loadContext(), stem) : 0;
  return { lastNumber: reader.lastNumber, lastFrame };
}
