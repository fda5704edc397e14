/**
 * Finds out what a copied day is worth, before anything is done with it: it comes from another host, maybe half of it, maybe an evil one.
 *
 * Nothing is asked of it before its schema is known to be ours, byte for byte, since a view runs when it is asked. It has to be a day file
 * of this version, of the right day, and sound to SQLite. Each row passes the reader of datagrams; one that nobody wrote so is left out, and
 * the others count. A copy that is kept is one file with rows that were believed: as it came when all are, else written anew.
 *
 * Runs on a thread of its own (copied-day-thread.ts), since nobody knows how long it takes. Problems: disk-full, store-not-writable.
 */
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '#support/problem.ts';
import { readForeignTally } from '#tlsrpt/foreign-tally.ts';
import { isTypeName } from '#tlsrpt/type-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { boundForeignRows, holdsMoreThanADay } from './bound-foreign-rows.ts';
import type { DayLimits } from './bound-foreign-rows.ts';
import { DayDigest, digestOfDay } from '../sessions/day-digest.ts';
import { databasePaths } from '../durable/database-file.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import { LayeredBytes } from '../durable/file-bytes.ts';
import { removeJournals } from '../durable/journal-files.ts';
import { asking, hasSchemaOf } from '../durable/snapshot.ts';
import { SqliteDatabase } from '../durable/sqlite.ts';
import { mergedDomainOf, MOST_MERGED_DOMAINS } from '../sessions/merged-domains.ts';
import { mayComeFrom } from '../origin.ts';
import { sessionDayKind, SessionDayReader } from '../sessions/session-day.ts';
import type { SessionDayIdentity } from '../sessions/session-day.ts';
import { blamingCopy, StoreProblem, writing } from '../store-problem.ts';
import { countOf } from '../sessions/stored-sessions.ts';
import { TalliedDay } from '../sessions/tallied-day.ts';
import { tallyLimits } from '../tally/session-tally.ts';

export interface CopiedDay {
  /** The path without `.sqlite`. */
  readonly stem: string;
  readonly day: UtcDay;
  /** Of the source that gave it. */
  readonly sourceName: string;
  /** Whether there was one when it was copied, which the snapshot may have overtaken. */
  readonly journal: boolean;
}

/** What there is of a day; `unreadable` says what of it is left out, as sentences. */
export interface DayContent {
  readonly origin: string;
  readonly unreadable: readonly string[];
  /** Of the sessions that count. */
  readonly digest: string;
}

export type VerifiedCopy =
  /** The whole day, closed by its collector. */
  | ({ readonly kind: 'complete' } & DayContent)
  /** What there is so far. */
  | ({ readonly kind: 'growing' } & DayContent)
  /** Its collector has not written the first line yet. */
  | { readonly kind: 'just-begun' }
  | { readonly kind: 'damaged'; readonly why: string };

/** Whatever reading foreign bytes throws, the copy is to blame, unless it is our own disk that fails. */
export function verifyCopy(context: DatabaseContext, copy: CopiedDay, limits: DayLimits = tallyLimits): VerifiedCopy {
  return blamingCopy(databasePaths(copy.stem).snapshot, () => verified(context, copy, limits), whyOf);
}

function verified(context: DatabaseContext, copy: CopiedDay, limits: DayLimits): VerifiedCopy {
  const found = readCopy(context, copy, limits);
  if (found.kind === 'damaged') return found;
  const { identity, unreadable, digest, isAsBelieved } = found;
  const [fault] = unreadable;
  if (!identity) return fault === undefined ? { kind: 'just-begun' } : { kind: 'damaged', why: fault };
  const isKept = isAsBelieved && !copy.journal;
  return {
    kind: copy.journal ? 'growing' : 'complete',
    origin: identity.origin,
    unreadable,
    digest: isKept ? digest : writeBelieved(context, copy.stem, identity),
  };
}

type Reading =
  | ({
      readonly kind: 'sound';
      readonly identity: SessionDayIdentity | undefined;
      /** True when all that is there counts, as it is. */
      readonly isAsBelieved: boolean;
    } & Omit<DayContent, 'origin'>)
  | { readonly kind: 'damaged'; readonly why: string };

function readCopy(context: DatabaseContext, copy: CopiedDay, limits: DayLimits): Reading {
  const { snapshot } = databasePaths(copy.stem);
  const isThere = context.disk.status(snapshot) !== undefined;
  const fault = isThere ? structureFault(context, snapshot) : undefined;
  if (fault !== undefined) return { kind: 'damaged', why: fault };
  const excess = isThere ? boundForeignRows(context, snapshot) : 0;
  if (isThere && holdsMoreThanADay(context, snapshot, limits))
    return { kind: 'damaged', why: 'it holds more than a day can have' };
  return withReader(context, copy.stem, (reader) => readingOf(reader, copy, excess));
}

/** Why nothing more is to be asked of the file; undefined when it may be. */
function structureFault({ sqlite, disk }: DatabaseContext, path: string): string | undefined {
  const database = asking(path, () => new SqliteDatabase(sqlite, LayeredBytes.of(disk, path)));
  try {
    if (!hasSchemaOf(sqlite, database, sessionDayKind)) return NOT_A_DAY_FILE;
    const [fault] = database.integrityFaults();
    return fault === undefined ? undefined : `SQLite finds it damaged: ${fault}`;
  } finally {
    database.close();
  }
}

const NOT_A_DAY_FILE = 'it is not a day file that this version of tlsrpt reads';

function withReader<T>(context: DatabaseContext, stem: string, use: (reader: SessionDayReader) => T): T {
  const reader = SessionDayReader.open(context, stem);
  if (!reader) throw new Error('there is no file');
  try {
    return use(reader);
  } finally {
    reader.close();
  }
}

function readingOf(reader: SessionDayReader, { day, sourceName }: CopiedDay, excess: number): Reading {
  const { identity } = reader;
  if (identity && identity.day !== day) return { kind: 'damaged', why: `it holds the sessions of ${identity.day}` };
  if (identity && !mayComeFrom(sourceName, identity.origin))
    return { kind: 'damaged', why: 'what collected it has no identity of a state directory' };
  const { digest, isAsBelieved, disbelieved } = readEachRow(reader);
  const rows = excess + disbelieved;
  const leftOut = rows === 0 ? [] : [`${String(rows)} of its rows are nothing that a collector writes`];
  const unreadable = [...reader.unreadable(), ...leftOut];
  const areCountersBelieved = countersOf(reader).size === reader.counters().size;
  return {
    kind: 'sound',
    identity,
    unreadable,
    digest,
    isAsBelieved: isAsBelieved && areCountersBelieved && unreadable.length === 0,
  };
}

/** `disbelieved`: how many policies nothing can be made of. */
function readEachRow(reader: SessionDayReader): { digest: string; isAsBelieved: boolean; disbelieved: number } {
  const digest = new DayDigest();
  let [isAsBelieved, disbelieved] = [true, 0];
  for (const tally of reader.domainTallies()) {
    const believed = readForeignTally(tally);
    if (believed) digest.add(believed);
    else disbelieved += tally.policies.length;
    isAsBelieved &&= isDeepStrictEqual(tally, believed);
  }
  return { digest: digest.end(), isAsBelieved, disbelieved };
}

/** In the place of the copy, as one file. Returns the digest of what it holds. */
function writeBelieved(context: DatabaseContext, stem: string, identity: SessionDayIdentity): string {
  const built = `${stem}.believed`;
  withReader(context, stem, (reader) => {
    const day = TalliedDay.create(context, built, identity);
    for (const tally of reader.domainTallies()) {
      const believed = readForeignTally(tally);
      if (believed) day.add(believed);
    }
    day.finish(countersOf(reader));
  });
  writing(`${stem}.sqlite`, () => {
    removeJournals(context.disk, stem);
    context.disk.rename(`${built}.sqlite`, `${stem}.sqlite`);
  });
  return withReader(context, stem, (reader) => digestOfDay(reader.domainTallies()));
}

/** As many as there are names for, of domains as many as a collector names, and none that is no count. */
function countersOf(reader: SessionDayReader): Map<string, number> {
  const sound = [...reader.counters()].filter(([, value]) => countOf(value) !== undefined);
  const known = sound.filter(([name]) => isTypeName(name)).slice(0, MAX_COUNTERS);
  const ofDomains = sound.filter(([name]) => mergedDomainOf(name) !== undefined).slice(0, MOST_MERGED_DOMAINS);
  return new Map([...known, ...ofDomains]);
}

const MAX_COUNTERS = 100;

/** The store's advice is about files of our own; this one is a private copy that nobody will find. */
function whyOf(error: unknown): string {
  const code = error instanceof StoreProblem ? error.code : undefined;
  if (code === 'store-wrong-schema') return NOT_A_DAY_FILE;
  if (code === 'store-damaged') return 'it is damaged, or was only copied in part';
  return messageOf(error);
}
