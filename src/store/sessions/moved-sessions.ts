/**
 * What another program had counted of this host's days before its work came here, see moved-pieces.ts.
 *
 * A piece is written first and settled then: it goes into the day's snapshot, under the day's lock. Where the day is being collected its
 * collector has the lock, and settles the piece when it closes the day.
 * Problems: store-damaged, store-misnamed, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDirectory } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { compareSides, dayDifference, haveAllOf, moreThanBefore } from './day-difference.ts';
import type { TwoSides } from './day-difference.ts';
import { DayDigest, servedDigestOfReader } from './day-digest.ts';
import { databasePaths } from '../durable/database-file.ts';
import { journalsOf } from '../durable/journal-files.ts';
import { changesOf } from '../tally/session-changes.ts';
import { openWorkingDay } from '../tally/open-working-day.ts';
import type { SetAside } from '../tally/open-working-day.ts';
import { additionOf, countMoved, noteCounted } from './moved-pieces.ts';
import { openPiece } from './open-piece.ts';
import {
  beforeCounter,
  contentCounter,
  databaseCounter,
  databaseCountersIn,
  IS_IN,
  pieceCounter,
} from './piece-counters.ts';
import { missingPieces, nextPiece, piecesOf, pieceStem } from './piece-names.ts';
import type { Piece } from './piece-names.ts';
import { SessionDayReader } from './session-day.ts';
import type { SessionDayIdentity } from './session-day.ts';
import type { StoreContext } from '../store-context.ts';
import { PieceProblem, reading, StoreProblem, unlessRefused, writing } from '../store-problem.ts';
import { TalliedDay } from './tallied-day.ts';
import { isInPart } from './unanswered-domains.ts';

export interface Settled {
  /** False while the day is not closed: whoever closes it settles what was moved. */
  readonly isSettled: boolean;
  /** What of it had to be left out. */
  readonly leftOut: readonly PieceProblem[];
  /** The day's file was damaged. */
  readonly setAside?: SetAside | undefined;
}

export type Taken =
  | { readonly kind: 'moved' | 'moved-since' | 'nothing-new' }
  /** Of some policy there are fewer sessions than were moved; all sessions together. */
  /** What was moved before is of another database, so nobody knows what of it is new. */
  | { readonly kind: 'other-database' }
  | { readonly kind: 'fewer'; readonly there: number; readonly here: number };

const WAITING: Settled = { isSettled: false, leftOut: [] };
/** A collector that closes a day that is over has looked for pieces, and lets go of the lock a moment later. */
const LOOKS = 200;
const BETWEEN_LOOKS_MS = 50;

export class MovedSessions {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /**
   * Takes what `now` has together and was not moved before. `databases`: what tells those apart that it is of. It counts once this returns. Throws the StoreProblem of a piece that cannot be read any
   * more, as nobody knows then what was moved before.
   */
  take(day: UtcDay, now: readonly SessionDayReader[], databases: readonly string[] = []): Taken {
    const moved = this.#open(day);
    const { readers: before, unreadable } = moved;
    try {
      const [first] = unreadable;
      if (first) throw first.problem;
      const sides = { now, before };
      const { there, here, isFewer, isMore } = compareSides(sides);
      if (isFewer) return { kind: 'fewer', there, here };
      if (!isMore) return { kind: 'nothing-new' };
      const outOf = databases.map(databaseCounter);
      if (isOfOther(before, outOf)) return { kind: 'other-database' };
      this.#add(moved, sides, outOf);
      return { kind: before.length === 0 ? 'moved' : 'moved-since' };
    } finally {
      closeAll(before);
    }
  }

  /** Whether `take` would refuse them for their databases. */
  isOfOther(day: UtcDay, now: readonly SessionDayReader[], databases: readonly string[]): boolean {
    const { readers: before, unreadable } = this.#open(day);
    try {
      if (unreadable.length > 0 || !isOfOther(before, databases.map(databaseCounter))) return false;
      const { isFewer, isMore } = compareSides({ now, before });
      return isMore && !isFewer;
    } finally {
      closeAll(before);
    }
  }

  /** Whether all that the reader has is in `now`. */
  isWithin(reader: SessionDayReader, now: readonly SessionDayReader[]): boolean {
    return haveAllOf(now, reader);
  }

  /** Puts what was moved into the day's file. `isOver`: nobody goes on collecting that day, so its lock is waited for. */
  async settle(day: UtcDay, isOver: boolean): Promise<Settled> {
    const { disk, state } = this.#context;
    const { lock: path } = databasePaths(state.sessionStem(day));
    for (let looks = isOver ? LOOKS : 1; looks > 0; looks -= 1) {
      const result = writing(path, () => lockFile(path, disk));
      if (result.kind === 'locked') {
        try {
          return this.#settleLocked(day);
        } finally {
          result.lock.release();
        }
      }
      if (looks > 1) await sleep(BETWEEN_LOOKS_MS);
    }
    return WAITING;
  }

  /**
   * Whether a copy of a day, of which there are the digest and the content, is what was moved here, or the part of it for which its source could
   * answer. Where a piece that is counted cannot be read any
   * more, a copy that has nothing beyond the day passes for it: nothing may count twice.
   */
  isMoved(day: UtcDay, digest: string, open: () => SessionDayReader | undefined): boolean {
    const { readers, unreadable } = this.#open(day);
    try {
      const waiting = unreadable.find(({ isInDay }) => !isInDay);
      if (waiting) throw waiting.problem;
      if (unreadable.length > 0) return this.#isInDay(day, open);
      const isContent = readers.some((reader) => reader.counters().has(contentCounter(digest)));
      const isAll = isContent || (readers.length > 0 && this.digestIn(readers) === digest);
      return isAll || isPartOf(readers, open);
    } finally {
      closeAll(readers);
    }
  }

  #isInDay(day: UtcDay, open: () => SessionDayReader | undefined): boolean {
    const stem = this.#context.state.sessionStem(day);
    const own = SessionDayReader.openNamed(this.#context, stem, additionOf(this.#context, stem));
    let copy: SessionDayReader | undefined;
    try {
      copy = open();
      return copy !== undefined && own !== undefined && this.isWithin(copy, [own]);
    } finally {
      closeAll([copy, own]);
    }
  }

  /** Of what several readers have together, as of one that has it all. */
  digestIn(readers: readonly SessionDayReader[]): string {
    const digest = new DayDigest();
    for (const { domain, record, now } of dayDifference({ now: readers, before: [] }))
      digest.add({ domain, record, policies: now });
    return digest.end();
  }

  /** Each piece by itself. */
  #open(day: UtcDay): MovedOfDay {
    const { disk, state } = this.#context;
    const stem = state.sessionStem(day);
    const pieces = piecesOf(disk, stem); // first: what is renamed meanwhile is looked for under the names that follow
    const { identity, counters } = noteOf(() => SessionDayReader.openNamed(this.#context, stem));
    const readers: SessionDayReader[] = [];
    const unreadable: UnreadablePiece[] = [];
    for (const piece of [...pieces, ...missingPieces(stem, pieces, counters)]) {
      const opened = openPiece(this.#context, piece, identity);
      const isInDay = piece.state === 'counted' || counters.includes(pieceCounter(piece));
      if (opened instanceof PieceProblem) unreadable.push({ problem: opened, isInDay });
      else readers.push(opened);
    }
    return { day, origin: identity?.origin, next: () => nextPiece(stem, pieces, counters), readers, unreadable };
  }

  #add(
    { day, origin = this.#context.state.identity(), next }: MovedOfDay,
    sides: TwoSides,
    outOf: readonly string[],
  ): void {
    const made = next();
    const stem = pieceStem(made);
    writing(stem, () => {
      ensureDirectory(dirname(stem), this.#context.disk);
    });
    const piece = TalliedDay.create(this.#context, stem, { day, origin });
    try {
      for (const tally of moreThanBefore(sides)) piece.add(tally);
      const contents = [sides.now, ...sides.now.map((reader) => [reader])].map((readers) => this.digestIn(readers));
      const names = [
        pieceCounter(made),
        ...contents.map(contentCounter),
        ...outOf,
        ...this.#servedBefore(day).map(beforeCounter),
      ];
      piece.finish(new Map(names.map((name) => [name, IS_IN])));
    } catch (error) {
      piece.discard();
      throw error;
    }
  }

  /** The digest of what other hosts may have of a day that is closed, without what is moved now; one that is damaged gives nothing. */
  #servedBefore(day: UtcDay): string[] {
    const stem = this.#context.state.sessionStem(day);
    if (this.#isCollected(stem)) return [];
    const digest = unlessRefused(() =>
      servedDigestOfReader(SessionDayReader.openNamed(this.#context, stem, additionOf(this.#context, stem))),
    );
    return digest === undefined ? [] : [digest];
  }

  /** A day that has a journal is not closed. */
  #isCollected(stem: string): boolean {
    return reading(`${stem}.N.journal`, () => journalsOf(this.#context.disk, stem)).length > 0;
  }

  #settleLocked(day: UtcDay): Settled {
    const stem = this.#context.state.sessionStem(day);
    if (this.#isCollected(stem)) return WAITING;
    const { copy, tally, setAside } = openWorkingDay(this.#context, databasePaths(stem), undefined);
    try {
      const store = (): void => {
        copy.apply(changesOf(tally.changes()));
        tally.settle();
      };
      const { isChanged, within, leftOut } = countMoved(this.#context, stem, { database: copy.database, tally, store });
      if (isChanged) copy.publish(copy.lastFrame);
      else copy.discard();
      noteCounted(this.#context, within);
      return { isSettled: true, leftOut, setAside };
    } catch (error) {
      copy.discard();
      throw error;
    }
  }
}

/** Of pieces that do not say it nothing is known. */
function isOfOther(before: readonly SessionDayReader[], outOf: readonly string[]): boolean {
  const known = before.flatMap((reader) => databaseCountersIn(reader.counters().keys()));
  return known.length > 0 && outOf.length > 0 && !known.some((name) => outOf.includes(name));
}

interface MovedOfDay {
  readonly day: UtcDay;
  /** Of the day's file; undefined when that does not say. */
  readonly origin: string | undefined;
  /** The one that is moved next. */
  readonly next: () => Piece;
  readonly readers: readonly SessionDayReader[];
  readonly unreadable: readonly UnreadablePiece[];
}

interface UnreadablePiece {
  readonly problem: PieceProblem;
  /** Whether the day's file has it. */
  readonly isInDay: boolean;
}

/** A day that is damaged says nothing of itself: what closes it mends it. */
function noteOf(open: () => SessionDayReader | undefined): {
  readonly identity: SessionDayIdentity | undefined;
  readonly counters: readonly string[];
} {
  let reader: SessionDayReader | undefined;
  try {
    reader = open();
    return { identity: reader?.identity, counters: [...(reader?.counters().keys() ?? [])] };
  } catch (error) {
    if (error instanceof StoreProblem && error.code === 'store-damaged') return { identity: undefined, counters: [] };
    throw error;
  } finally {
    reader?.close();
  }
}

function isPartOf(moved: readonly SessionDayReader[], open: () => SessionDayReader | undefined): boolean {
  const copy = moved.length === 0 ? undefined : open();
  try {
    return copy !== undefined && isInPart(copy.counters()) && haveAllOf(moved, copy);
  } finally {
    copy?.close();
  }
}

function closeAll(readers: readonly (SessionDayReader | undefined)[]): void {
  for (const reader of readers) reader?.close();
}
