/**
 * Stores others' reports, each day by itself, and keeps a few days open from one time to the next: opening one costs what its journals hold.
 *
 * A day that is open is locked, and others wait for ten seconds at most, so whoever keeps some open lets go of them often. What is stored is safe
 * when `save` resolves.
 * Problems: store-locked, store-damaged, store-misnamed, store-wrong-schema, store-not-readable, store-not-writable, disk-full.
 */
import { containProblem } from '#support/contain-problem.ts';
import { groupBy } from '#support/group-by.ts';
import { Problem } from '#support/problem.ts';
import { letGo, MUCH_BYTES } from '#support/thrift.ts';
import { databasePaths, readDatabase } from '../durable/database-file.ts';
import type { DatabaseContent } from '../durable/database-file.ts';
import { closedOnFailure } from '../durable/sqlite.ts';
import { InboundDay, requireDay } from './inbound-day.ts';
import { keyOf, sizeOf } from './inbound-entry.ts';
import type { InboundPlace, InboundSaving, PackedEntry } from './inbound-entry.ts';
import { FIND_REPORT, inboundKind } from './inbound-kind.ts';
import { inTurn } from '../in-turn.ts';
import type { StateDirectory } from '../state-directory.ts';
import type { StoreContext } from '../store-context.ts';

export interface SavingListener {
  /** What cannot be stored of a day, or looked up, with the reports that are left out. */
  readonly note: (problem: Problem, leftOut: readonly PackedEntry[]) => void;
  /** Reports that were there before. */
  readonly know?: (entries: readonly PackedEntry[]) => void;
}

type Note = (problem: Problem) => void;

export class InboundSaver {
  readonly #context: StoreContext;
  readonly #mostHeld: number;
  /** By stem, the one that was opened first at the beginning. */
  readonly #held = new Map<string, InboundDay>();

  /** `mostHeld`: how many days may stay open. */
  constructor(context: StoreContext, mostHeld: number) {
    this.#context = context;
    this.#mostHeld = mostHeld;
  }

  /** What cannot be stored of one day keeps nothing else from being stored. */
  async save(entries: readonly PackedEntry[], { note, know }: SavingListener): Promise<InboundSaving> {
    const isElsewhere = this.#keptElsewhere(entries, (problem) => {
      note(problem, []);
    });
    const [elsewhere, added] = [entries.filter(isElsewhere), entries.filter((entry) => !isElsewhere(entry))];
    know?.(elsewhere);
    const total = { stored: 0, known: elsewhere.length };
    for (const ofDay of groupBy(added, (entry) => this.#stemOf(entry)).values()) {
      const before = total.stored + total.known;
      try {
        await this.#saveDay(ofDay, { total, know });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        note(error, ofDay.slice(total.stored + total.known - before));
      }
    }
    return total;
  }

  /** Of the days that are open. */
  letGo(): void {
    this.#letGoBeyond(0);
  }

  /** Adds to `total` what is safe, as soon as it is. */
  async #saveDay(
    entries: readonly [PackedEntry, ...PackedEntry[]],
    { total, know }: { readonly total: Mutable<InboundSaving>; readonly know: SavingListener['know'] },
  ): Promise<void> {
    const [first] = entries;
    const day = await this.#hold(first);
    try {
      for (const piece of piecesOf(entries)) {
        const { stored, known } = day.add(piece);
        total.stored += stored;
        total.known += known.length;
        know?.(known);
        if (bytesOf(piece) >= MUCH_BYTES) letGo();
      }
    } catch (error) {
      this.#held.delete(this.#stemOf(first));
      day.close();
      throw error;
    }
    this.#letGoBeyond(this.#mostHeld);
  }

  async #hold(place: InboundPlace): Promise<InboundDay> {
    const stem = this.#stemOf(place);
    const held = this.#held.get(stem) ?? (await inTurn(() => this.#open(stem, place)));
    this.#held.set(stem, held);
    return held;
  }

  /** Nobody may wait for a day while others wait for those that are held meanwhile. */
  #open(stem: string, { day }: InboundPlace): InboundDay {
    try {
      return InboundDay.open(this.#context, stem, day);
    } catch (error) {
      this.letGo();
      throw error;
    }
  }

  #letGoBeyond(mostHeld: number): void {
    for (const [stem, day] of this.#held) {
      if (this.#held.size <= mostHeld) return;
      this.#held.delete(stem);
      try {
        day.tidy();
      } finally {
        day.close();
      }
    }
  }

  /** Tells of an entry whether it is kept in another place than it would be now. A file that cannot be read has none. */
  #keptElsewhere(entries: readonly PackedEntry[], note: Note): (entry: PackedEntry) => boolean {
    const found = new Set<string>();
    const lookFor = (place: InboundPlace, sought: readonly PackedEntry[]): void => {
      containProblem(() => {
        for (const key of this.#knownIn(place, sought)) found.add(key);
      }, note);
    };
    for (const day of containProblem(() => this.#context.state.receivedInboundDays(), note) ?? []) {
      const place = { day, by: 'receipt' } as const;
      lookFor(
        place,
        entries.filter((entry) => this.#stemOf(entry) !== this.#stemOf(place)),
      );
    }
    const misplaced = entries.filter(({ by, periodDay }) => by === 'receipt' && periodDay !== undefined);
    for (const sought of groupBy(misplaced, ({ periodDay }) => periodDay ?? '').values()) {
      const [{ periodDay: day }] = sought;
      if (day !== undefined) lookFor({ day, by: 'period' }, sought);
    }
    return (entry) => found.has(keyOf(entry));
  }

  #knownIn(place: InboundPlace, sought: readonly PackedEntry[]): string[] {
    if (sought.length === 0) return [];
    const held = this.#held.get(this.#stemOf(place));
    if (held) return sought.filter((entry) => held.has(entry)).map(keyOf);
    const content = openForReading(this.#context, place);
    if (!content) return [];
    try {
      const isKnown = ({ digest, position }: PackedEntry): boolean =>
        content.database.all(FIND_REPORT, { digest, position }).length > 0;
      return sought.filter(isKnown).map(keyOf);
    } finally {
      content.database.close();
    }
  }

  #stemOf(place: InboundPlace): string {
    return inboundStem(this.#context.state, place);
  }
}

/** Undefined where there is nothing. */
export function openForReading(context: StoreContext, place: InboundPlace): DatabaseContent | undefined {
  const paths = databasePaths(inboundStem(context.state, place));
  const content = readDatabase(context, paths, inboundKind);
  return (
    content &&
    closedOnFailure(content.database, () => {
      requireDay(content.database, place.day, paths.snapshot);
      return content;
    })
  );
}

export function inboundStem(state: StateDirectory, { day, by }: InboundPlace): string {
  return by === 'period' ? state.inboundStem(day) : state.receivedInboundStem(day);
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What a transaction holds takes several times its size. */
const MOST_PIECE_BYTES = 2_097_152;

function* piecesOf(entries: readonly PackedEntry[]): Generator<PackedEntry[]> {
  let piece: PackedEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    piece.push(entry);
    bytes += sizeOf(entry);
    if (bytes < MOST_PIECE_BYTES) continue;
    yield piece;
    piece = [];
    bytes = 0;
  }
  yield piece;
}

function bytesOf(entries: readonly PackedEntry[]): number {
  return entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
}
