/**
 * Reads a durable database, snapshot and journals together, without a lock and without writing anything.
 *
 * The snapshot says up to which frame it goes; what the journals hold behind that follows it. The journals are opened first: a writer that
 * makes a checkpoint meanwhile then leaves a snapshot that has all of what they held. Without a snapshot everything is in the journals.
 * Problems: store-damaged, store-wrong-schema, store-not-readable.
 */
import type { Disk } from '#support/disk.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import { damagedProblem, reading, readProblem, StoreProblem, wrongSchemaProblem } from '../store-problem.ts';
import { applyChanges, parseChanges } from './changes.ts';
import { LayeredBytes } from './file-bytes.ts';
import type { FileKind } from './file-kind.ts';
import { JournalReader } from './journal-reader.ts';
import { datagramsIn } from './receipts.ts';
import { checked, lastFrameOf, newDatabase } from './snapshot.ts';
import { closedOnFailure, SqliteDatabase } from './sqlite.ts';
import type { Sqlite } from './sqlite.ts';

/** What everything in the store works with. */
export interface DatabaseContext {
  readonly sqlite: Sqlite;
  readonly disk: Disk;
}

export interface DatabasePaths {
  readonly stem: string;
  readonly snapshot: string;
  readonly lock: string;
}

export interface DatabaseContent {
  readonly database: SqliteDatabase;
  readonly bytes: LayeredBytes;
  /** The last frame that is in it. */
  readonly lastFrame: number;
  /** The highest number of a journal there is; 0 when the snapshot stands alone. */
  readonly lastJournal: number;
  /** What a crash left half-written. */
  readonly tornBytes: number;
  /** What of the journals cannot be read although it was safe; empty when all is well. */
  readonly damage: readonly string[];
}

/** `stem` is the path without `.sqlite`. */
export function databasePaths(stem: string): DatabasePaths {
  return { stem, snapshot: `${stem}.sqlite`, lock: `${stem}.lock` };
}

/** Undefined when there is no such database. */
export function readDatabase(
  context: DatabaseContext,
  paths: DatabasePaths,
  kind: FileKind,
): DatabaseContent | undefined {
  refuseFirstVersion(context.disk, paths.stem);
  return withJournals(context.disk, paths, (journals) => {
    const bytes = openBytes(context, paths.snapshot, kind, journals.isEmpty);
    if (!bytes) return undefined;
    const database = openSnapshot(context.sqlite, bytes, kind);
    return closedOnFailure(database, () => {
      replay(journals, database, paths.stem, kind);
      const { lastFrame, lastNumber: lastJournal, tornBytes, damage } = journals;
      return { database, bytes, lastFrame, lastJournal, tornBytes, damage };
    });
  });
}

/** As if there were one of that kind with nothing in it yet. */
export function emptyDatabase(
  { sqlite }: DatabaseContext,
  { snapshot }: DatabasePaths,
  kind: FileKind,
): DatabaseContent {
  const bytes = LayeredBytes.inMemory(snapshot, newDatabase(sqlite, kind));
  return { database: openSnapshot(sqlite, bytes, kind), bytes, lastFrame: 0, lastJournal: 0, tornBytes: 0, damage: [] };
}

/** 0.1 had one journal for each database. What it holds is not read, so without it the database would not be whole. */
function refuseFirstVersion(disk: Disk, stem: string): void {
  const path = `${stem}.journal`;
  if (reading(path, () => disk.status(path)))
    throw wrongSchemaProblem(path, 'a journal of version 0.1', 'those that have a number');
}

/** Opens the journals while `use` needs them. */
function withJournals<T>(disk: Disk, { stem }: DatabasePaths, use: (journals: JournalReader) => T): T {
  const journals = reading(`${stem}.N.journal`, () => JournalReader.open(disk, stem));
  try {
    return use(journals);
  } finally {
    journals.close();
  }
}

/** Closes the bytes when they are not a database of this kind. */
export function openSnapshot(sqlite: Sqlite, bytes: LayeredBytes, kind: FileKind): SqliteDatabase {
  return checked(bytes.path, () => new SqliteDatabase(sqlite, bytes), kind);
}

/** Applies everything that counts behind the snapshot; the journals know afterwards how far that went. */
function replay(journals: JournalReader, database: SqliteDatabase, stem: string, kind: FileKind): void {
  const snapshotFrame = lastFrameOf(database, `${stem}.sqlite`);
  const datagrams = kind.datagramReplay?.(database);
  const mayStand = statementsAllowed(kind);
  try {
    for (const frame of journals.frames(snapshotFrame)) {
      const { number, payload } = frame;
      const counted = datagramsIn(frame);
      const isSound = counted ? datagrams?.take(counted) !== false : mayStand(payload);
      if (!isSound) journals.noteUnreadable(number);
      else if (!counted) applyChanges(database, kind, parseChanges(payload));
    }
    journals.damage.push(...(datagrams?.finish() ?? []));
  } catch (error) {
    if (error instanceof StoreProblem) throw error;
    throw errnoOf(error) === undefined
      ? damagedProblem(`${stem}.N.journal`, messageOf(error))
      : readProblem(`${stem}.N.journal`, error);
  }
}

/** Tells frame by frame, as they come, what nobody wrote beside datagrams: rows, which nothing would bound there, or statements without end. */
function statementsAllowed({ statements, besideDatagrams }: FileKind): (payload: Buffer) => boolean {
  if (!besideDatagrams) return () => true;
  const foreign = new Set(Object.keys(statements).filter((name) => !besideDatagrams.statements.includes(name)));
  let bytes = 0;
  return (payload) => {
    bytes += payload.length;
    return bytes <= besideDatagrams.maxBytes && ![...parseChanges(payload)].some(([name]) => foreign.has(name));
  };
}

/** Those of a new database where there are journals alone; undefined where there is nothing. */
function openBytes(
  { sqlite, disk }: DatabaseContext,
  path: string,
  kind: FileKind,
  isWithoutJournals: boolean,
): LayeredBytes | undefined {
  try {
    return LayeredBytes.of(disk, path);
  } catch (error) {
    // Nothing is made anew on one word alone: what is there would be lost.
    if (errnoOf(error) !== 'ENOENT' || reading(path, () => disk.status(path))) throw readProblem(path, error);
    return isWithoutJournals ? undefined : LayeredBytes.inMemory(path, newDatabase(sqlite, kind));
  }
}
