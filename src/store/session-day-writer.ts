/**
 * The day as its collector writes it: what changed is appended to the journal, and the journal is folded into the day's file.
 *
 * Nothing of the day is kept in memory here. The collector numbers policies and failures itself, so that its changes are the same
 * whenever they are replayed.
 * Problems: store-locked, store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { statSync } from 'node:fs';
import { replaceFile } from '#support/durable-file.ts';
import type { FileLock } from '#support/file-lock.ts';
import { messageOf } from '#support/problem.ts';
import { databasePaths, newDatabase, readDatabase } from './durable/database-file.ts';
import type { DatabaseContent, DatabasePaths, SnapshotState } from './durable/database-file.ts';
import { Journal } from './durable/journal.ts';
import type { Change, ChangeValue } from './durable/journal-format.ts';
import { acquireLock } from './durable/lock-database.ts';
import type { Row, Sqlite, SqliteDatabase } from './durable/sqlite.ts';
import { salvageDay } from './salvage-day.ts';
import type { Salvaged } from './salvage-day.ts';
import { detailsOf, sessionDayKind, storedPolicyOf } from './session-day.ts';
import type { SessionDayIdentity, StoredFailure, StoredPolicy } from './session-day.ts';
import { damagedProblem, StoreProblem, writing } from './store-problem.ts';

/** What has been seen since the last append. Counts are added to what is stored. */
export interface SessionChanges {
  readonly policies: readonly StoredPolicy[];
  readonly failures: readonly StoredFailure[];
  /** Number, successful and failed sessions of one policy after the other. */
  readonly policyCounts: readonly number[];
  /** Number and sessions of one failure after the other. */
  readonly failureCounts: readonly number[];
  readonly counters: ReadonlyMap<string, number>;
  /** Kept where they are higher than what is stored. */
  readonly peaks?: ReadonlyMap<string, number>;
}

/** What a day holds already; to be read before `open` returns. */
export interface StoredSessions {
  readonly policies: Iterable<StoredPolicy>;
  readonly failures: Iterable<StoredFailure>;
}

export interface OpenOptions {
  readonly sqlite: Sqlite;
  readonly stem: string;
  readonly identity: SessionDayIdentity;
  readonly restore: (stored: StoredSessions) => void;
}

const ROWS_IN_ONE_CHANGE = 1_000;
export interface SalvagedDamage extends Salvaged {
  /** What was found, as a sentence. */
  readonly why: string;
}

/** A journal that is smaller is not worth folding. */
const LEAST_FOLDING_BYTES = 33_554_432;

export class SessionDayWriter {
  /** Bytes that a crash left half-written at the end of the journal, and that were cut off on opening. */
  readonly tornBytes: number;
  /** Undefined unless the day's files had to be set aside. */
  readonly damage: SalvagedDamage | undefined;
  readonly stem: string;
  readonly #paths: DatabasePaths;
  readonly #lock: FileLock;
  readonly #journal: Journal;

  private constructor(
    { sqlite, stem, identity, restore }: OpenOptions,
    lock: FileLock,
    damage: SalvagedDamage | undefined,
  ) {
    this.stem = stem;
    this.damage = damage;
    this.#paths = databasePaths(stem);
    this.#lock = lock;
    const content = readDatabase(sqlite, this.#paths, sessionDayKind);
    const isBegun = content !== undefined && restoreFrom(content, restore, this.#paths);
    if (!content) createSnapshot(sqlite, this.#paths);
    this.tornBytes = content?.journal ? content.journal.sizeBytes - content.journal.wholeBytes : 0;
    this.#journal = writing(this.#paths.journal, () => openJournal(content, this.#paths));
    if (!isBegun) this.#begin(identity);
  }

  /**
   * Makes the day when there is none, passes what is stored to `restore`, and cuts off a torn tail. Files that are
   * damaged are set aside, and the day goes on with what could be read of them.
   */
  static open(options: OpenOptions): SessionDayWriter {
    const lock = acquireLock(databasePaths(options.stem));
    try {
      return SessionDayWriter.#opened(options, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  static #opened(options: OpenOptions, lock: FileLock): SessionDayWriter {
    try {
      return new SessionDayWriter(options, lock, undefined);
    } catch (error) {
      if (!(error instanceof StoreProblem) || error.code !== 'store-damaged') throw error;
      return new SessionDayWriter(options, lock, { ...salvageDay(options.sqlite, options.stem), why: error.message });
    }
  }

  /** What loss of power may cost; it is kept in memory until it is synced. */
  get journalBytes(): number {
    return this.#journal.sizeBytes;
  }

  get unsyncedBytes(): number {
    return this.#journal.unsyncedBytes;
  }

  /** True when replaying the journal would take longer than folding it. */
  get wantsFolding(): boolean {
    const { sizeBytes } = this.#journal;
    return sizeBytes > LEAST_FOLDING_BYTES && sizeBytes > statSync(this.#paths.snapshot).size;
  }

  /** Safe from the end of the process when it returns; from loss of power after `sync`. */
  append(changes: SessionChanges): void {
    writing(this.#paths.journal, () => {
      this.#journal.append(changesOf(changes));
    });
  }

  sync(): void {
    writing(this.#paths.journal, () => {
      this.#journal.sync();
    });
  }

  /** The snapshot contains what the journal held up to some byte; the journal is to go on from there. */
  continueFrom({ generation, foldedBytes }: SnapshotState): void {
    writing(this.#paths.journal, () => {
      this.#journal.beginNext(generation, foldedBytes);
    });
  }

  close(): void {
    this.#journal.close();
    this.#lock.release();
  }

  #begin({ day, origin }: SessionDayIdentity): void {
    try {
      writing(this.#paths.journal, () => {
        this.#journal.append([['begin-day', { day, origin }]]);
      });
    } catch (error) {
      this.#journal.close();
      throw error;
    }
  }
}

/** False when the day was not begun: its collector ended before it had written the first line. */
function restoreFrom(
  content: DatabaseContent,
  restore: OpenOptions['restore'],
  { snapshot, journal }: DatabasePaths,
): boolean {
  const { database, journal: following } = content;
  const rowsOf = (table: string): Generator<Row> => readRows(database, `SELECT * FROM ${table} ORDER BY id`, snapshot);
  try {
    if (following && following.skippedBytes > 0)
      throw damagedProblem(journal, `${String(following.skippedBytes)} bytes in its middle cannot be read`);
    checkStructure(database, snapshot);
    restore({
      policies: mapped(rowsOf('policies'), storedPolicyOf),
      failures: mapped(rowsOf('failures'), storedFailureOf),
    });
    return database.all('SELECT day FROM day').length > 0;
  } finally {
    database.close();
  }
}

/** Before anything is added to it: what is damaged now would be found when it is too late to set it aside. */
function checkStructure(database: SqliteDatabase, path: string): void {
  const [first] = [...readRows(database, 'PRAGMA quick_check(1)', path)];
  const result = String(first?.['quick_check']);
  if (result !== 'ok') throw damagedProblem(path, result);
}

function* readRows(database: SqliteDatabase, sql: string, path: string): Generator<Row> {
  try {
    yield* database.each(sql);
  } catch (error) {
    throw damagedProblem(path, messageOf(error));
  }
}

function* mapped<T>(rows: Iterable<Row>, read: (row: Row) => T): Generator<T> {
  for (const row of rows) yield read(row);
}

function storedFailureOf(row: Row): StoredFailure {
  return { id: Number(row['id']), policyId: Number(row['policy_id']), details: detailsOf(row) };
}

function createSnapshot(sqlite: Sqlite, { snapshot }: DatabasePaths): void {
  writing(snapshot, () => {
    replaceFile(snapshot, newDatabase(sqlite, sessionDayKind));
  });
}

function openJournal(content: DatabaseContent | undefined, { journal: path }: DatabasePaths): Journal {
  const { generation = 1, journal } = content ?? {};
  if (journal) return Journal.resume(path, journal.generation, journal.wholeBytes);
  return Journal.create(path, generation);
}

function changesOf({ policies, failures, policyCounts, failureCounts, counters, peaks }: SessionChanges): Change[] {
  return [
    ...inParts('add-policy', POLICY_COLUMNS, policies.flatMap(policyRow)),
    ...inParts('add-failure', FAILURE_COLUMNS, failures.flatMap(failureRow)),
    ...inParts('count-sessions', ['id', 'successful', 'failed'], policyCounts),
    ...inParts('count-failures', ['id', 'sessions'], failureCounts),
    ...inParts('count', ['name', 'value'], [...counters].flat()),
    ...inParts('peak', ['name', 'value'], [...(peaks ?? [])].flat()),
  ];
}

/** One string for everything could be longer than JavaScript takes. */
function* inParts(statement: string, columns: readonly string[], values: readonly ChangeValue[]): Generator<Change> {
  const step = ROWS_IN_ONE_CHANGE * columns.length;
  for (let start = 0; start < values.length; start += step)
    yield [statement, columns, values.slice(start, start + step)];
}

const POLICY_COLUMNS = ['id', 'domain', 'record', 'type', 'policyDomain', 'strings', 'mxHosts'];

function policyRow({ id, domain, record, policy }: StoredPolicy): ChangeValue[] {
  const { type, domain: policyDomain, strings, mxHosts } = policy;
  return [id, domain, record ?? null, type, policyDomain, JSON.stringify(strings), JSON.stringify(mxHosts)];
}

const FAILURE_COLUMNS = [
  'id',
  'policyId',
  'resultType',
  'sendingMtaIp',
  'mxHostname',
  'mxHelo',
  'receivingIp',
  'information',
  'reason',
];

function failureRow({ id, policyId, details }: StoredFailure): ChangeValue[] {
  const { resultType, sendingMtaIp, receivingMxHostname, receivingMxHelo, receivingIp } = details;
  const optional = [sendingMtaIp, receivingMxHostname, receivingMxHelo, receivingIp];
  const texts = [...optional, details.additionalInformation, details.failureReasonCode];
  return [id, policyId, resultType, ...texts.map((text) => text ?? null)];
}
