/**
 * Finds out what a copied day is worth, before anything is done with it: it comes from another host, maybe half of it.
 *
 * It has to be a day file of this version, of the right day, sound to SQLite, and every row of it has to be readable.
 * Snapshot and journal may be of different moments, when the source made a checkpoint between the two: that is worth another copy.
 */
import { messageOf } from '#support/problem.ts';
import type { DomainTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DatabaseContext } from './durable/database-file.ts';
import { SessionDayReader } from './session-day.ts';
import type { SessionDayIdentity } from './session-day.ts';
import { StoreProblem } from './store-problem.ts';

export interface CopiedDay {
  /** The path without `.sqlite`. */
  readonly stem: string;
  readonly day: UtcDay;
  readonly journal: boolean;
}

type SettledCopy =
  /** The whole day, closed by its collector. */
  | { readonly kind: 'complete'; readonly origin: string }
  /** What there is so far. */
  | { readonly kind: 'growing'; readonly origin: string }
  /** Its collector has not written the first line yet. */
  | { readonly kind: 'just-begun' }
  | { readonly kind: 'damaged'; readonly why: string };

export type VerifiedCopy =
  | SettledCopy
  /** Snapshot and journal do not belong together; `asItStands` is what to make of it when they never do. */
  | { readonly kind: 'overtaken'; readonly asItStands: SettledCopy };

export function verifyCopy(context: DatabaseContext, copy: CopiedDay): VerifiedCopy {
  const found = readCopy(context, copy);
  const mayBeOvertaken = copy.journal && (found.kind === 'damaged' || found.closed);
  return mayBeOvertaken ? { kind: 'overtaken', asItStands: settle(found, copy) } : settle(found, copy);
}

type Reading =
  | { readonly kind: 'sound'; readonly identity: SessionDayIdentity | undefined; readonly closed: boolean }
  | { readonly kind: 'damaged'; readonly why: string };

function settle(found: Reading, { journal }: CopiedDay): SettledCopy {
  if (found.kind === 'damaged') return found;
  if (!found.identity) return { kind: 'just-begun' };
  return { kind: journal ? 'growing' : 'complete', origin: found.identity.origin };
}

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
  const { identity, closed } = reader;
  if (identity && identity.day !== day) return { kind: 'damaged', why: `it holds the sessions of ${identity.day}` };
  for (const tally of reader.domainTallies()) {
    if (!isReadable(tally)) return { kind: 'damaged', why: `what it says about ${tally.domain} is no tally` };
  }
  return { kind: 'sound', identity, closed };
}

function isReadable({ policies }: DomainTally): boolean {
  return policies.every(
    (tally) =>
      [tally.policy.strings, tally.policy.mxHosts].every(isTextList) &&
      countsOf(tally).every((count) => isCount(count)),
  );
}

function countsOf({ successful, failed, failures }: PolicyTally): number[] {
  return [successful, failed, ...failures.map(({ sessions }) => sessions)];
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** The store's advice is about files of our own; this one is a private copy that nobody will find. */
function whyOf(error: unknown): string {
  const code = error instanceof StoreProblem ? error.code : undefined;
  if (code === 'store-wrong-schema') return 'it is not a day file that this version of tlsrpt reads';
  if (code === 'store-damaged') return 'it is damaged, or was only copied in part';
  return messageOf(error);
}
