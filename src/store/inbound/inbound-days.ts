/**
 * What others reported about us: `inbound/DAY.sqlite`, by the day that a report is about.
 *
 * Where that day cannot be believed, it is kept under the day on which it came, in `inbound/DAY.received.sqlite`: a sender who dates reports as
 * it likes makes no more files than days pass. Those are looked through as well before a report is stored, so a report is kept once also where
 * the clock was wrong when it came first. What is stored is safe when it is said to be.
 * Problems: store-locked, store-damaged, store-misnamed, store-wrong-schema, store-not-readable, store-not-writable, disk-full.
 */
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { databasePaths } from '../durable/database-file.ts';
import type { DatabaseContent } from '../durable/database-file.ts';
import { EntryPacker, entryOf } from './inbound-content.ts';
import type { EntryToPack } from './inbound-content.ts';
import type { InboundEntry, InboundPlace, InboundSaving, PackedEntry } from './inbound-entry.ts';
import { SELECT_ENTRIES } from './inbound-kind.ts';
import { InboundSaver, inboundStem, openForReading } from './inbound-saver.ts';
import type { SavingListener } from './inbound-saver.ts';
import type { StoreContext } from '../store-context.ts';
import { damagedProblem } from '../store-problem.ts';

type Note = (problem: Problem) => void;

/** Each is a lock that others wait for. */
const MOST_HELD_DAYS = 4;

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

  /** As a saver does; each day is locked for the moment alone in which something is stored in it. */
  save(entries: readonly PackedEntry[], note: SavingListener['note']): Promise<InboundSaving> {
    return new InboundSaver(this.#context, 0).save(entries, { note });
  }

  /** For who saves again and again. */
  saver(): InboundSaver {
    return new InboundSaver(this.#context, MOST_HELD_DAYS);
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
      const content = openForReading(this.#context, { day, by });
      content?.database.close();
      if (content) requireUndamaged(content, databasePaths(this.#stemOf({ day, by })).snapshot);
    }
  }

  *#entriesAt(place: InboundPlace, note: Note): Generator<InboundEntry> {
    const { snapshot } = databasePaths(this.#stemOf(place));
    const content = openForReading(this.#context, place);
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

  #stemOf(place: InboundPlace): string {
    return inboundStem(this.#context.state, place);
  }
}

function requireUndamaged({ damage: [why] }: DatabaseContent, path: string): void {
  if (why !== undefined) throw damagedProblem(path, why);
}
