/**
 * Finds out what a copied day is worth, before anything is done with it: it comes from another host, maybe half of it.
 *
 * It has to be a day file of this version, of the right day, and sound to SQLite. A row that nobody wrote so is left out: the others count.
 */
import { messageOf } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DatabaseContext } from './durable/database-file.ts';
import { SessionDayReader } from './session-day.ts';
import type { SessionDayIdentity } from './session-day.ts';
import { StoreProblem } from './store-problem.ts';

export interface CopiedDay {
  /** The path without `.sqlite`. */
  readonly stem: string;
  readonly day: UtcDay;
  /** Whether there was one when it was copied, which the snapshot may have overtaken. */
  readonly journal: boolean;
}

/** What there is of a day; `unreadable` says what of it is left out, as sentences. */
interface Content {
  readonly origin: string;
  readonly unreadable: readonly string[];
}

export type VerifiedCopy =
  /** The whole day, closed by its collector. */
  | ({ readonly kind: 'complete' } & Content)
  /** What there is so far. */
  | ({ readonly kind: 'growing' } & Content)
  /** Its collector has not written the first line yet. */
  | { readonly kind: 'just-begun' }
  | { readonly kind: 'damaged'; readonly why: string };

export function verifyCopy(context: DatabaseContext, copy: CopiedDay): VerifiedCopy {
  const found = readCopy(context, copy);
  if (found.kind === 'damaged') return found;
  const { identity, unreadable } = found;
  const [fault] = unreadable;
  if (!identity) return fault === undefined ? { kind: 'just-begun' } : { kind: 'damaged', why: fault };
  return { kind: copy.journal ? 'growing' : 'complete', origin: identity.origin, unreadable };
}

type Reading =
  | {
      readonly kind: 'sound';
      readonly identity: SessionDayIdentity | undefined;
      readonly unreadable: readonly string[];
    }
  | { readonly kind: 'damaged'; readonly why: string };

/** Whatever reading foreign bytes throws, the copy is to blame. */
function readCopy(context: DatabaseContext, { stem, day }: CopiedDay): Reading {
  try {
    const reader = SessionDayReader.open(context, stem);
    if (!reader) return { kind: 'damaged', why: 'there is no file' };
    try {
      return readingOf(reader, day);
    } finally {
      reader.close();
    }
  } catch (error) {
    return { kind: 'damaged', why: whyOf(error) };
  }
}

function readingOf(reader: SessionDayReader, day: UtcDay): Reading {
  const [fault] = reader.integrityFaults();
  if (fault !== undefined) return { kind: 'damaged', why: `SQLite finds it damaged: ${fault}` };
  const { identity } = reader;
  if (identity && identity.day !== day) return { kind: 'damaged', why: `it holds the sessions of ${identity.day}` };
  readEachRow(reader);
  return { kind: 'sound', identity, unreadable: reader.unreadable() };
}

/** So that those are known that cannot be read. */
function readEachRow(reader: SessionDayReader): void {
  const tallies = reader.domainTallies();
  while (tallies.next().done !== true);
}

/** The store's advice is about files of our own; this one is a private copy that nobody will find. */
function whyOf(error: unknown): string {
  const code = error instanceof StoreProblem ? error.code : undefined;
  if (code === 'store-wrong-schema') return 'it is not a day file that this version of tlsrpt reads';
  if (code === 'store-damaged') return 'it is damaged, or was only copied in part';
  return messageOf(error);
}
