/**
 * What comes to a day that is being collected, as it comes: read like by any reader, without a lock, and without the collector knowing.
 *
 * The journals are read on from where they were read last. What each datagram says is known by the same tally as the collector's, within the same
 * bounds; it begins with the snapshot. Frames have no times: what comes has come since it was looked last, and what was there at the beginning is
 * the past. When the collector has removed journals before they were read, that is the past as well, and reading begins anew.
 * Problems: store-damaged, store-misnamed, store-wrong-schema, store-not-readable.
 */
import { LayeredBytes } from '../durable/file-bytes.ts';
import { databasePaths, openSnapshot } from '../durable/database-file.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import type { Frame } from '../durable/journal-format.ts';
import { datagramsIn } from '../durable/receipts.ts';
import { lastFrameOf } from '../durable/snapshot.ts';
import type { SqliteDatabase } from '../durable/sqlite.ts';
import { reading } from '../store-problem.ts';
import { restoreTally } from '../tally/restore-tally.ts';
import { SessionTally } from '../tally/session-tally.ts';
import { FollowedEntries } from './followed-entries.ts';
import type { SeenCount, SeenFailure, WatchedIds } from './followed-entries.ts';
import { FollowedJournals } from './followed-journals.ts';
import { requireDayOfName, sessionDayKind } from './session-day.ts';

export interface DayNews {
  /** True for what is there since nobody knows when, so that no window of time has it. */
  readonly isPast: boolean;
  /** Sessions, and what could not be read as one. */
  readonly datagrams: number;
  readonly counts: readonly SeenCount[];
  readonly failures: readonly SeenFailure[];
  /** More is there already. */
  readonly isBehind: boolean;
  /** Something behind it was removed before it was read. */
  readonly hasGap: boolean;
}

/** What is taken at one time: a few times what a busy collector writes in a second. */
const MOST_BYTES = 16_777_216;

export class FollowedDay {
  readonly #context: DatabaseContext;
  readonly #stem: string;
  readonly #watchedIds: WatchedIds;
  readonly #journals: FollowedJournals;
  #tally = new SessionTally();
  #entries: FollowedEntries;
  #lastFrame = 0;
  /** Everything up to here is the past; undefined before that was found out. */
  #isCaughtUp = false;
  #hasBegun = false;
  #acrossGaps = false;
  /** Taken, and not yet told. */
  #datagrams = 0;

  /** `isNew`: the day has begun while it was watched, so nothing of it is the past. */
  constructor(context: DatabaseContext, stem: string, watchedIds: WatchedIds, isNew: boolean) {
    this.#context = context;
    this.#stem = stem;
    this.#watchedIds = watchedIds;
    this.#journals = new FollowedJournals(context.disk, stem);
    this.#entries = new FollowedEntries(watchedIds);
    this.#isCaughtUp = isNew;
  }

  /** What has come since the last call, or a part of it. When it throws, nothing is lost. */
  read(): DayNews {
    if (!this.#hasBegun) this.#begin();
    const isPast = !this.#isCaughtUp;
    const isBehind = this.#takeFrames() >= MOST_BYTES || !this.#hasBegun;
    this.#isCaughtUp ||= !isBehind;
    return { isPast, ...this.#settle(), isBehind, hasGap: !isPast && !this.#hasBegun };
  }

  close(): void {
    this.#journals.close();
  }

  /** Returns how many bytes they had. */
  #takeFrames(): number {
    let bytes = 0;
    for (let frame = this.#next(); frame; frame = bytes < MOST_BYTES ? this.#next() : undefined) {
      const payload = datagramsIn(frame);
      this.#datagrams += (payload && this.#tally.take(payload)?.datagrams) ?? 0;
      bytes += frame.payload.length;
      this.#lastFrame = frame.number;
    }
    return bytes;
  }

  #next(): Frame | undefined {
    const next = this.#journals.next(this.#lastFrame, this.#acrossGaps);
    if (next.kind === 'gap') this.#beginAnew();
    if (next.kind !== 'frame') return undefined;
    this.#acrossGaps = false;
    return next.frame;
  }

  #settle(): Pick<DayNews, 'datagrams' | 'counts' | 'failures'> {
    const news = { datagrams: this.#datagrams, ...this.#entries.newsOf(this.#tally.changes()) };
    this.#tally.settle();
    this.#datagrams = 0;
    return news;
  }

  /** What was taken is told first; the next call begins with what the snapshot has by then. */
  #beginAnew(): void {
    this.#hasBegun = false;
    this.#isCaughtUp = false;
  }

  #begin(): void {
    const { snapshot } = databasePaths(this.#stem);
    const [tally, entries] = [new SessionTally(), new FollowedEntries(this.#watchedIds)];
    let frame = 0;
    if (reading(snapshot, () => this.#context.disk.status(snapshot))) {
      const bytes = reading(snapshot, () => LayeredBytes.of(this.#context.disk, snapshot));
      const database = openSnapshot(this.#context.sqlite, bytes, sessionDayKind);
      try {
        frame = this.#restore(database, tally, entries);
      } finally {
        database.close();
      }
    }
    this.#acrossGaps = frame <= this.#lastFrame && this.#lastFrame > 0; // no snapshot has what is missing
    if (this.#acrossGaps) frame = this.#lastFrame;
    else [this.#tally, this.#entries] = [tally, entries];
    this.#lastFrame = frame;
    this.#hasBegun = true;
  }

  #restore(database: SqliteDatabase, tally: SessionTally, entries: FollowedEntries): number {
    requireDayOfName(database, this.#stem);
    restoreTally(tally, database);
    entries.restore(database);
    return lastFrameOf(database, databasePaths(this.#stem).snapshot);
  }
}
