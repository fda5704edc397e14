/**
 * Adds up one day from its journals, and makes checkpoints of it: the only writer of the day's snapshot.
 *
 * It reads the journals as anyone might, so what it knows can be made again from the files at any time: whatever fails, it forgets
 * everything and begins again from there. A frame counts once, by its number.
 * Problems, each of which leaves the day to be tried again: store-damaged, store-wrong-schema, store-not-readable, disk-full,
 * store-not-writable.
 */
import { dirname } from 'node:path';
import { ensureDirectory } from '#support/durable-file.ts';
import type { SteadyClock } from '#support/clock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { changesOrUndefined } from '../durable/changes.ts';
import { databasePaths } from '../durable/database-file.ts';
import type { DatabasePaths, DatabaseContext } from '../durable/database-file.ts';
import { journalPathsOf, removeJournals, syncJournals } from '../durable/journal-files.ts';
import type { Frame } from '../durable/journal-format.ts';
import { acquireLock } from '../durable/lock-database.ts';
import { JournalReader } from '../durable/journal-reader.ts';
import { datagramsIn, receiptsIn } from '../durable/receipts.ts';
import { WorkingCopy } from '../durable/working-copy.ts';
import { countMoved, noteCounted } from '../sessions/moved-pieces.ts';
import type { MovedCount } from '../sessions/moved-pieces.ts';
import { keepReceipts } from '../receipts/receipt-files.ts';
import { setAside } from '../sessions/salvage-day.ts';
import { sessionDayKind } from '../sessions/session-day.ts';
import { writing } from '../store-problem.ts';
import { CheckpointSchedule } from './checkpoint-schedule.ts';
import type { CheckpointLimits } from './checkpoint-schedule.ts';
import type { DayNews } from './day-news.ts';
import { FrameTail } from './frame-tail.ts';
import type { AnnouncedJournal } from './frame-tail.ts';
import { openWorkingDay } from './open-working-day.ts';
import { changesOf, entryChanges } from './session-changes.ts';
import { NO_FIGURES } from './session-tally.ts';
import type { FrameFigures, SessionTally } from './session-tally.ts';

export interface DayTallierOptions extends DatabaseContext {
  /** The path of the day without `.sqlite`. */
  readonly stem: string;
  readonly news: (news: DayNews) => void;
  readonly clock: SteadyClock;
  /** For tests. */
  readonly checkpointLimits?: CheckpointLimits;
}

/** Text that is held in memory until it goes into the working copy. What is held for long ends among the old objects, which are collected late. */
const MOST_UNSTORED_BYTES = 262_144;

interface WorkingState {
  /** Undefined after a checkpoint, until there is something to put into it. */
  copy: WorkingCopy | undefined;
  readonly tally: SessionTally;
  readonly schedule: CheckpointSchedule;
  /** What there was when the day was opened; undefined once it has been read. */
  earlier: EarlierFrames | undefined;
  lastFrame: number;
  /** The highest number of a journal there was when the day was opened. */
  readonly lastJournal: number;
  isChanged: boolean;
}

interface EarlierFrames {
  readonly reader: JournalReader;
  readonly frames: Generator<Frame>;
  /** True when the snapshot was damaged: what was made of it is to last before anything else. */
  readonly isMended: boolean;
}

export class DayTallier {
  readonly #options: DayTallierOptions;
  readonly #paths: DatabasePaths;
  readonly #tail: FrameTail;
  #working: WorkingState | undefined;
  /** What became of frames up to this one has been said. */
  #toldFrame = 0;
  #isEnding = false;
  #isLockedByCaller = false;
  /** Held while the day is closed. */
  #lock: FileLock | undefined;
  #isTornTold = false;
  /** There was something to do to close it; an attempt that failed may have done that already. */
  #wasOpen = false;
  /** False while no journal can have any. */
  #areReceiptsThere = false;
  isClosed = false;

  constructor(options: DayTallierOptions) {
    this.#options = options;
    this.#paths = databasePaths(options.stem);
    this.#tail = new FrameTail(options.disk, options.stem);
  }

  /** Frames up to `sizeBytes` of that journal can be read: a day that was over goes on. */
  announce(journal: AnnouncedJournal): void {
    this.#isEnding = false;
    this.#tail.announce(journal);
  }

  /** Nothing more will be announced: the day is to be closed once everything is in it. `isLocked`: the caller holds its lock until then. */
  end(isLocked: boolean): void {
    this.#isEnding = true;
    this.#isLockedByCaller = isLocked;
  }

  /** Does a bounded piece of work. False when there is nothing to do. Throws a StoreProblem, after which it can be called again. */
  step(): boolean {
    if (this.isClosed) return false;
    try {
      return this.#step();
    } catch (error) {
      this.#beginAgain();
      throw error;
    }
  }

  /** A checkpoint of everything that has been read, now. */
  checkpoint(): void {
    try {
      const working = this.#working;
      if (working && !working.earlier && working.isChanged) this.#publish(working);
    } catch (error) {
      this.#beginAgain();
      throw error;
    }
  }

  /** What is not in the snapshot is in the journals. */
  close(): void {
    this.#beginAgain();
    this.#unlock();
  }

  #unlock(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  #step(): boolean {
    if (this.#isEnding && !this.#isLockedByCaller && !this.#lock) this.#lockToEnd();
    const working = this.#open();
    if (this.#isDueBehind(working)) {
      this.#publish(working);
      return true;
    }
    const frame = this.#nextFrame(working);
    if (frame) this.#take(working, frame);
    else if (working.earlier) this.#endEarlier(working, working.earlier);
    else if (this.#isEnding) this.#closeDay(working);
    else return this.#checkpointIfDue(working);
    return !this.isClosed;
  }

  /** A day that an earlier run has left. What others may have added to it since is found by beginning again. */
  #lockToEnd(): void {
    this.#lock = acquireLock(this.#options.disk, this.#paths);
    this.#beginAgain();
  }

  #open(): WorkingState {
    if (this.#working) return this.#working;
    const { disk, stem, news, clock, checkpointLimits } = this.#options;
    ensureDirectory(dirname(stem), disk);
    const reader = writing(`${stem}.N.journal`, () => JournalReader.open(disk, stem));
    try {
      const { copy, tally, setAside } = openWorkingDay(this.#options, this.#paths, reader.firstFrame);
      if (setAside) news({ kind: 'set-aside', ...setAside });
      const { lastFrame, sizeBytes, isNew } = copy;
      const schedule = new CheckpointSchedule(clock, sizeBytes, checkpointLimits);
      const { lastNumber: lastJournal } = reader;
      this.#areReceiptsThere ||= lastJournal > 0;
      const earlier = { reader, frames: reader.frames(lastFrame), isMended: setAside !== undefined };
      this.#working = { copy, tally, schedule, earlier, lastFrame, lastJournal, isChanged: isNew };
      return this.#working;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  #nextFrame({ earlier, lastFrame }: WorkingState): Frame | undefined {
    if (!earlier) return this.#tail.next(lastFrame);
    return writing(`${this.#options.stem}.N.journal`, () => {
      const { done, value } = earlier.frames.next() as IteratorResult<Frame, undefined>;
      return done === true ? undefined : value;
    });
  }

  #take(working: WorkingState, frame: Frame): void {
    const { number } = frame;
    const isNews = number > this.#toldFrame;
    const figures = this.#apply(working, frame, isNews);
    working.lastFrame = number;
    working.isChanged = true;
    working.schedule.noteRead(frame.payload.length);
    if (working.tally.unstoredBytes > MOST_UNSTORED_BYTES) this.#storeEntries(working);
    if (!isNews) return;
    this.#toldFrame = number;
    this.#options.news({ kind: 'tallied', frame: number, ...figures });
  }

  #apply(working: WorkingState, whole: Frame, isNews: boolean): FrameFigures {
    const { number: frame, payload } = whole;
    const datagrams = datagramsIn(whole);
    if (datagrams) {
      const figures = working.tally.take(datagrams, (number, reason, bytes) => {
        if (isNews) this.#options.news({ kind: 'rejected', frame, number, reason, bytes });
      });
      this.#areReceiptsThere ||= receiptsIn(whole).length > 0;
      if (!figures) this.#noteUnreadable(working, frame);
      return figures ?? NO_FIGURES;
    }
    const changes = changesOrUndefined(payload);
    if (changes) this.#copyOf(working).apply(changes);
    else this.#noteUnreadable(working, frame);
    return NO_FIGURES;
  }

  /** The journals are set aside once they are read; those of this run are only complained about. */
  #noteUnreadable({ earlier }: WorkingState, frame: number): void {
    if (earlier) earlier.reader.noteUnreadable(frame);
    else this.#tail.damage.push(`transaction ${String(frame)} cannot be read`);
  }

  #endEarlier(working: WorkingState, { reader, isMended }: EarlierFrames): void {
    working.earlier = undefined;
    const { damage, tornBytes, sizeBytes } = reader;
    reader.close();
    for (const why of damage) this.#options.news({ kind: 'damaged', why });
    if (tornBytes > 0 && !this.#isTornTold) this.#options.news({ kind: 'torn', bytes: tornBytes });
    this.#isTornTold = true;
    if (damage.length > 0) this.#setJournalsAside();
    if (isMended || damage.length > 0 || working.schedule.isMuch(sizeBytes)) this.#publish(working);
  }

  /** What cannot be read now may be of use to people, or to a later version. */
  #setJournalsAside(): void {
    const { disk, stem } = this.#options;
    this.#keepReceipts();
    writing(`${stem}.N.journal`, () => {
      for (const path of journalPathsOf(disk, stem)) setAside(disk, path);
    });
  }

  #copyOf(working: WorkingState): WorkingCopy {
    working.copy ??= WorkingCopy.make(this.#options, this.#paths, sessionDayKind, 'snapshot');
    return working.copy;
  }

  #storeEntries(working: WorkingState): void {
    this.#copyOf(working).apply(entryChanges(working.tally.newEntries()));
    working.tally.settleEntries();
  }

  #storeTally(working: WorkingState): void {
    this.#copyOf(working).apply(changesOf(working.tally.changes()));
    working.tally.settle();
  }

  /** A snapshot must not know more than journals that are safe: frames that were lost would be numbered, and passed over, again. */
  #publishCopy(working: WorkingState): void {
    const { disk, stem } = this.#options;
    writing(`${stem}.N.journal`, () => {
      syncJournals(disk, stem);
    });
    this.#copyOf(working).publish(working.lastFrame);
    working.copy = undefined;
    working.isChanged = false;
  }

  #checkpointIfDue(working: WorkingState): boolean {
    this.#tellDamage();
    if (!working.schedule.isDue(this.#tail.finished)) return false;
    this.#publish(working);
    return true;
  }

  #tellDamage(): void {
    for (const why of this.#tail.damage.splice(0)) this.#options.news({ kind: 'damaged', why });
  }

  /** Not while journals are damaged: they are to be set aside first, by whoever opens them, also after a crash. */
  #isDueBehind({ schedule, earlier }: WorkingState): boolean {
    if (!schedule.isDueBehind || (earlier?.reader.damage.length ?? 0) > 0) return false;
    return schedule.isMuch(earlier?.reader.sizeBytes ?? this.#tail.waitingBytes);
  }

  /** Everything that was read becomes the snapshot. Journals that are in it are removed, but for the one that has the last frame: it says where the next goes on. */
  #publish(working: WorkingState): void {
    const { disk, stem, news } = this.#options;
    this.#tellDamage();
    working.schedule.run(() => {
      this.#storeTally(working);
      this.#publishCopy(working);
      return disk.status(this.#paths.snapshot)?.sizeBytes ?? 0;
    });
    news({ kind: 'checkpointed' });
    const before = working.earlier?.reader.firstJournalFrom(working.lastFrame) ?? this.#tail.journal ?? 0;
    this.#tail.forgetBefore(before);
    this.#keepReceipts();
    writing(`${stem}.N.journal`, () => {
      removeJournals(disk, stem, before);
    });
  }

  /** Those of journals that are about to go. */
  #keepReceipts(): void {
    const { disk, stem, clock } = this.#options;
    if (!this.#areReceiptsThere) return;
    writing(`${stem}.N.receipts`, () => {
      keepReceipts(disk, stem, clock.nowMs());
    });
  }

  /** A day without journals is closed, and stays as it is unless a piece comes in. Only journals that were read go: the collector may have taken the day up again and begun another. */
  #closeDay(working: WorkingState): void {
    const { disk, stem, news } = this.#options;
    const last = Math.max(working.lastJournal, this.#tail.lastJournal);
    const { isChanged, within } = this.#countMoved(working);
    this.#wasOpen ||= isChanged || working.isChanged || last > 0 || within.length > 0;
    if (isChanged || last > 0) {
      this.#storeTally(working);
      this.#copyOf(working).apply([['forget-datagrams', {}]]);
      this.#publishCopy(working);
    }
    this.#beginAgain();
    this.#tail.forgetBefore(last + 1); // they may be gone when this is tried again
    noteCounted(this.#options, within);
    this.#keepReceipts();
    writing(`${stem}.N.journal`, () => {
      removeJournals(disk, stem, last + 1);
    });
    this.isClosed = true;
    this.#unlock();
    news({ kind: 'closed', wasClosed: !this.#wasOpen });
  }

  /** What another program had counted of the day on this host becomes part of it. */
  #countMoved(working: WorkingState): MovedCount {
    const { tally } = working;
    const store = (): void => {
      this.#storeTally(working);
    };
    const { database } = this.#copyOf(working);
    const count = countMoved(this.#options, this.#paths.stem, { database, tally, store });
    for (const { code, message } of count.leftOut) this.#options.news({ kind: 'moved-left-out', code, why: message });
    return count;
  }

  #beginAgain(): void {
    const working = this.#working;
    this.#working = undefined;
    this.#tail.rewind();
    working?.copy?.discard();
    working?.earlier?.reader.close();
  }
}
