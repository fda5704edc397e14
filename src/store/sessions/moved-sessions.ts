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
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { dayDifference, sessionsOf } from './day-difference.ts';
import type { TwoSides } from './day-difference.ts';
import { DayDigest } from './day-digest.ts';
import { databasePaths } from '../durable/database-file.ts';
import { journalsOf } from '../durable/journal-files.ts';
import { changesOf } from '../tally/session-changes.ts';
import { openWorkingDay } from '../tally/open-working-day.ts';
import type { SetAside } from '../tally/open-working-day.ts';
import { countMoved, movedStemsOf, nextMovedStem } from './moved-pieces.ts';
import { SessionDayReader } from './session-day.ts';
import type { StoreContext } from '../store-context.ts';
import { reading, writing } from '../store-problem.ts';
import { TalliedDay } from './tallied-day.ts';

export interface Settled {
  /** False while the day is not closed: whoever closes it settles what was moved. */
  readonly isSettled: boolean;
  /** What of it had to be left out, as sentences. */
  readonly leftOut: readonly string[];
  /** The day's file was damaged. */
  readonly setAside?: SetAside | undefined;
}

export type Taken =
  | { readonly kind: 'moved' | 'moved-since' | 'nothing-new' }
  /** Of some policy there are fewer sessions than were moved; all sessions together. */
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

  /** Takes what `now` has together and was not moved before. It counts once this returns. */
  take(day: UtcDay, now: readonly SessionDayReader[]): Taken {
    const before = this.#read(day);
    try {
      const sides = { now, before };
      const { there, here, isFewer, isMore } = compared(sides);
      if (isFewer) return { kind: 'fewer', there, here };
      if (!isMore) return { kind: 'nothing-new' };
      this.#add(day, differenceOf(sides));
      return { kind: before.length === 0 ? 'moved' : 'moved-since' };
    } finally {
      for (const reader of before) reader.close();
    }
  }

  /** Whether all that the reader has is in `now`. */
  isWithin(reader: SessionDayReader, now: readonly SessionDayReader[]): boolean {
    return !compared({ now, before: [reader] }).isFewer;
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

  /** Of all that was moved of the day; undefined when nothing was. */
  digestOf(day: UtcDay): string | undefined {
    const before = this.#read(day);
    try {
      return before.length === 0 ? undefined : this.digestIn(before);
    } finally {
      for (const reader of before) reader.close();
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
  #read(day: UtcDay): SessionDayReader[] {
    const { disk, state } = this.#context;
    const readers: SessionDayReader[] = [];
    try {
      for (const stem of movedStemsOf(disk, state.sessionStem(day))) {
        const reader = SessionDayReader.open(this.#context, stem);
        if (reader) readers.push(reader);
      }
      return readers;
    } catch (error) {
      for (const reader of readers) reader.close();
      throw error;
    }
  }

  #add(day: UtcDay, tallies: Iterable<DomainTally>): void {
    const { disk, state } = this.#context;
    const stem = nextMovedStem(disk, state.sessionStem(day));
    const identity = { day, origin: state.identity() };
    writing(stem, () => {
      ensureDirectory(dirname(stem), disk);
    });
    const piece = TalliedDay.create(this.#context, stem, identity);
    try {
      for (const tally of tallies) piece.add(tally);
      piece.finish();
    } catch (error) {
      piece.discard();
      throw error;
    }
  }

  /** A day that has a journal is not closed. */
  #settleLocked(day: UtcDay): Settled {
    const { disk, state } = this.#context;
    const stem = state.sessionStem(day);
    if (reading(`${stem}.N.journal`, () => journalsOf(disk, stem)).length > 0) return WAITING;
    const { copy, tally, setAside } = openWorkingDay(this.#context, databasePaths(stem), undefined);
    try {
      if (copy.isNew) copy.apply([['begin-day', { day, origin: state.identity() }]]);
      const store = (): void => {
        copy.apply(changesOf(tally.changes()));
        tally.settle();
      };
      const { counted, leftOut } = countMoved(this.#context, stem, { database: copy.database, tally, store });
      if (counted > 0) copy.publish(copy.lastFrame);
      else copy.discard();
      return { isSettled: true, leftOut, setAside };
    } catch (error) {
      copy.discard();
      throw error;
    }
  }
}

interface Comparison {
  readonly there: number;
  readonly here: number;
  readonly isFewer: boolean;
  readonly isMore: boolean;
}

function compared(sides: TwoSides): Comparison {
  let [there, here, isFewer, isMore] = [0, 0, false, false];
  for (const { now, before, difference } of dayDifference(sides)) {
    there += sessionsOf(now);
    here += sessionsOf(before);
    isFewer ||= difference === undefined;
    isMore ||= difference !== undefined && difference.length > 0;
  }
  return { there, here, isFewer, isMore };
}

function* differenceOf(sides: TwoSides): Generator<DomainTally> {
  for (const { domain, record, difference = [] } of dayDifference(sides))
    if (difference.length > 0) yield { domain, record, policies: difference };
}
