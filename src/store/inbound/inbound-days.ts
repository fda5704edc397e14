/**
 * What others reported about us: `inbound/DAY.sqlite`, by the day that a report is about.
 *
 * Where that day cannot be believed, it is kept under the day on which it came, in `inbound/DAY.received.sqlite`: a sender who dates reports as
 * it likes makes no more files than days pass. Those are looked through as well before a report is stored, so a report is kept once also where
 * the clock was wrong when it came first. What is stored is safe when it is said to be.
 * Problems: store-locked, store-damaged, store-misnamed, store-wrong-schema, store-not-readable, store-not-writable, disk-full.
 */
import { containProblem } from '#support/contain-problem.ts';
import { groupBy } from '#support/group-by.ts';
import { Problem } from '#support/problem.ts';
import { letGo, MUCH_BYTES } from '#support/thrift.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { databasePaths, readDatabase } from '../durable/database-file.ts';
import type { DatabaseContent } from '../durable/database-file.ts';
import { closedOnFailure } from '../durable/sqlite.ts';
import { EntryPacker, entryOf } from './inbound-content.ts';
import type { EntryToPack } from './inbound-content.ts';
import { InboundDay, requireDay } from './inbound-day.ts';
import { keyOf, sizeOf } from './inbound-entry.ts';
import type { InboundEntry, InboundPlace, InboundSaving, PackedEntry } from './inbound-entry.ts';
import { FIND_REPORT, inboundKind, SELECT_ENTRIES } from './inbound-kind.ts';
import { inTurn } from '../in-turn.ts';
import type { StoreContext } from '../store-context.ts';
import { damagedProblem } from '../store-problem.ts';

type Note = (problem: Problem) => void;

export class InboundDays {
  readonly #context: StoreContext;
  readonly #packer = new EntryPacker();

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Of which something is kept, oldest first. */
  days(): UtcDay[] {
    const { state } = this.#context;
    return [...new Set([...state.inboundDays(), ...state.receivedInboundDays()])].sort();
  }

  /** For `save`: what is read takes much more memory. */
  pack(entry: EntryToPack): PackedEntry {
    return this.#packer.pack(entry);
  }

  /** Each day by itself: what cannot be stored of one is told to `note`, with the reports that are left out, and the others go on. */
  async save(
    entries: readonly PackedEntry[],
    note: (problem: Problem, leftOut: readonly PackedEntry[]) => void,
  ): Promise<InboundSaving> {
    const elsewhere = this.#keptElsewhere(entries, (problem) => {
      note(problem, []);
    });
    const added = entries.filter((entry) => !elsewhere.has(keyOf(entry)));
    const total = { stored: 0, known: entries.length - added.length };
    for (const ofDay of groupBy(added, (entry) => this.#stemOf(entry)).values()) {
      const before = total.stored + total.known;
      try {
        await this.#saveDay(ofDay, total);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        note(error, ofDay.slice(total.stored + total.known - before));
      }
    }
    return total;
  }

  /**
   * What is kept under a day, what was verified first; also while somebody adds to it. Throws behind the last one when more was there. `note`
   * hears of what cannot be read alone.
   */
  *entries(day: UtcDay, note: Note): Generator<InboundEntry> {
    yield* this.#entriesAt({ day, by: 'period' }, note);
    yield* this.#entriesAt({ day, by: 'receipt' }, note);
  }

  /** Throws for a day of which something cannot be read. */
  check(day: UtcDay): void {
    for (const by of ['period', 'receipt'] as const) {
      const content = this.#open({ day, by });
      content?.database.close();
      if (content) requireUndamaged(content, databasePaths(this.#stemOf({ day, by })).snapshot);
    }
  }

  *#entriesAt(place: InboundPlace, note: Note): Generator<InboundEntry> {
    const { snapshot } = databasePaths(this.#stemOf(place));
    const content = this.#open(place);
    if (!content) return;
    try {
      for (const row of content.database.each(SELECT_ENTRIES)) {
        const entry = containProblem(() => entryOf(row, snapshot), note);
        if (entry) yield entry;
      }
      requireUndamaged(content, snapshot);
    } finally {
      content.database.close();
    }
  }

  /** Adds to `total` what is safe, as soon as it is. */
  async #saveDay(entries: readonly [PackedEntry, ...PackedEntry[]], total: Mutable<InboundSaving>): Promise<void> {
    const [first] = entries;
    const day = await inTurn(() => InboundDay.open(this.#context, this.#stemOf(first), first.day));
    try {
      for (const piece of piecesOf(entries)) {
        const { stored, known } = day.add(piece);
        total.stored += stored;
        total.known += known;
        if (bytesOf(piece) >= MUCH_BYTES) letGo();
      }
      day.tidy();
    } finally {
      day.close();
    }
  }

  /** Those of the entries that are kept in another place than they would be now. A file that cannot be read has none. */
  #keptElsewhere(entries: readonly PackedEntry[], note: Note): Set<string> {
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
    return found;
  }

  #knownIn(place: InboundPlace, sought: readonly PackedEntry[]): string[] {
    const content = sought.length > 0 ? this.#open(place) : undefined;
    if (!content) return [];
    try {
      const isKnown = ({ digest, position }: PackedEntry): boolean =>
        content.database.all(FIND_REPORT, { digest, position }).length > 0;
      return sought.filter(isKnown).map(keyOf);
    } finally {
      content.database.close();
    }
  }

  /** Undefined where there is nothing. */
  #open(place: InboundPlace): DatabaseContent | undefined {
    const paths = databasePaths(this.#stemOf(place));
    const content = readDatabase(this.#context, paths, inboundKind);
    return (
      content &&
      closedOnFailure(content.database, () => {
        requireDay(content.database, place.day, paths.snapshot);
        return content;
      })
    );
  }

  #stemOf({ day, by }: InboundPlace): string {
    const { state } = this.#context;
    return by === 'period' ? state.inboundStem(day) : state.receivedInboundStem(day);
  }
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

function requireUndamaged({ damage: [why] }: DatabaseContent, path: string): void {
  if (why !== undefined) throw damagedProblem(path, why);
}
