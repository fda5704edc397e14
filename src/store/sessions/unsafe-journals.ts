/**
 * The files of a day's journals that hold something which is not safe from loss of power, and the one that is written to.
 *
 * A file is closed once nobody needs it, and not before whatever uses its descriptor has ended. After a failed sync others take the place of
 * all of them; those that hold nothing safe are removed once the others have as much, so that they do not pile up while no sync succeeds.
 * Problems: store-replaced, and what the disk says.
 */
import { dirname } from 'node:path';
import { allEnded } from '#support/all-ended.ts';
import type { Disk } from '#support/disk.ts';
import { closeIfPossible, removeIfThere, syncPathLater } from '#support/durable-file.ts';
import { beginJournal, journalPath } from '../durable/journal-files.ts';
import type { BegunJournal } from '../durable/journal-files.ts';
import { HEADER_BYTES, newHeader } from '../durable/journal-format.ts';
import { replacedProblem, unlessRefused } from '../store-problem.ts';

export interface OpenJournal extends BegunJournal {
  sizeBytes: number;
  /** The last one that was written to it; before its first when there is none. */
  lastFrame: number;
  /** True until a sync of its name begins. */
  isUnnamed: boolean;
  /** True when it was written to since a sync began. */
  isWritten: boolean;
}

export class UnsafeJournals {
  readonly #disk: Disk;
  readonly #stem: string;
  #lastNumber: number;
  #current: OpenJournal | undefined;
  /** The current one is the last. */
  #files: OpenJournal[] = [];
  #retired: OpenJournal[] = [];
  /** What they hold was never safe, and is to be written anew. */
  #superseded: OpenJournal[] = [];
  /** Held open, so that no other directory can get its inode. */
  readonly #directoryFd: number;

  /** The directory is the one in which the day's lock is: one that takes its place before anything is written has another lock. */
  constructor(disk: Disk, stem: string, lastNumber: number) {
    this.#disk = disk;
    this.#stem = stem;
    this.#lastNumber = lastNumber;
    this.#directoryFd = disk.open(dirname(stem), 'read');
  }

  /** The one that is written to; undefined when the next frame begins another. */
  get current(): OpenJournal | undefined {
    return this.#current;
  }

  /** True when somebody has put something else in the place of what was written. Earlier journals go once they are in the snapshot. */
  get isReplaced(): boolean {
    return this.#isDirectoryReplaced || this.#isNewestReplaced;
  }

  get #isDirectoryReplaced(): boolean {
    const own = this.#disk.statusOf(this.#directoryFd).inode;
    const isOther = (): boolean => this.#disk.status(dirname(this.#stem))?.inode !== own;
    return isOther() && isOther(); // not on one word alone: it ends the collector
  }

  get #isNewestReplaced(): boolean {
    const newest = this.#files.at(-1);
    if (newest?.header.number !== this.#lastNumber) return false;
    const { inode, sizeBytes } = this.#disk.statusOf(newest.fd);
    const isOther = (): boolean => this.#disk.status(journalPath(this.#stem, this.#lastNumber))?.inode !== inode;
    return (isOther() && isOther()) || sizeBytes < newest.sizeBytes;
  }

  /** `furthestFrame`: the last one that is in earlier journals, which have those that are written anew until this one has them. */
  begin(firstFrame: number, furthestFrame = firstFrame - 1): OpenJournal {
    if (this.#isDirectoryReplaced) throw replacedProblem(this.#stem);
    this.#lastNumber += 1;
    const header = newHeader(this.#lastNumber, firstFrame, Math.max(firstFrame, furthestFrame + 1));
    const begun = beginJournal(this.#disk, this.#stem, header);
    const lastFrame = firstFrame - 1;
    this.#current = { ...begun, sizeBytes: HEADER_BYTES, lastFrame, isUnnamed: true, isWritten: false };
    this.#files.push(this.#current);
    return this.#current;
  }

  /** The next frame begins another. */
  leaveCurrent(): void {
    this.#current = undefined;
  }

  /** How many there are. */
  get count(): number {
    return this.#files.length;
  }

  /**
   * Makes safe what was written before. Several calls may be under way: each syncs what was written since the one before began. When one
   * fails, nothing counts that was not safe before any of them.
   */
  async sync(): Promise<void> {
    const files = this.#files.filter(({ isUnnamed, isWritten }) => isUnnamed || isWritten);
    const syncs = files.map(({ fd }) => this.#disk.syncLater(fd));
    if (files.some(({ isUnnamed }) => isUnnamed)) syncs.push(syncPathLater(dirname(this.#stem), this.#disk));
    for (const file of files) {
      file.isUnnamed = false;
      file.isWritten = false;
    }
    await allEnded(syncs);
    this.#retireSafe();
  }

  /** Nothing of what they hold behind `safeFrame` is relied on any more: others are to have it. */
  supersede(safeFrame: number): void {
    this.#superseded.push(...this.#files.filter(({ header }) => header.firstFrame > safeFrame));
    this.#leaveAll();
  }

  /** Later ones have everything up to that frame. What cannot be removed now is removed another time. */
  removeSuperseded(writtenFrame: number): void {
    this.#superseded = this.#superseded.filter((file) => file.lastFrame > writtenFrame || !this.#isRemoved(file));
  }

  /** To be called at the end, when no descriptor is in use. */
  close(): void {
    this.#leaveAll();
    this.closeRetired();
    closeIfPossible(this.#directoryFd, this.#disk);
  }

  #retireSafe(): void {
    const isNeeded = (file: OpenJournal): boolean => file === this.#current || file.isUnnamed || file.isWritten;
    this.#retired.push(...this.#files.filter((file) => !isNeeded(file)));
    this.#files = this.#files.filter(isNeeded);
  }

  #leaveAll(): void {
    this.#retired.push(...this.#files);
    this.#files = [];
    this.#current = undefined;
  }

  #isRemoved({ header }: OpenJournal): boolean {
    const remove = (): true => {
      removeIfThere(journalPath(this.#stem, header.number), this.#disk);
      return true;
    };
    return unlessRefused(remove) === true;
  }

  /** To be called when no descriptor is in use. */
  closeRetired(): void {
    for (const { fd } of this.#retired.splice(0)) closeIfPossible(fd, this.#disk);
  }
}
