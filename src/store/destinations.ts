/**
 * What is known about reporting addresses: which are to get no reports, what each last answered, and on which days it refused:
 * `destinations.sqlite`.
 *
 * Addresses are URIs in their canonical form, so one address has one entry however a record spells it. Several runs of send add to what is
 * here: each reads and writes under the lock, and what the operator decided stands.
 */
import type { DeliveryState } from '#tlsrpt/delivery.ts';
import { endOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { databasePaths, readDatabase } from './durable/database-file.ts';
import type { DatabaseContext } from './durable/database-file.ts';
import type { FileKind } from './durable/file-kind.ts';
import { DurableDatabase } from './durable/durable-database.ts';
import type { Change } from './durable/changes.ts';
import type { Row, SqliteDatabase } from './durable/sqlite.ts';

export interface Suppression {
  readonly address: string;
  /** Undefined: until it is removed. */
  readonly untilMs: number | undefined;
  /** Why the address was suppressed without the operator; undefined when it was the operator. */
  readonly reason: string | undefined;
}

export interface DestinationResult {
  readonly address: string;
  readonly state: DeliveryState;
  readonly result: string;
  readonly atMs: number;
}

/** The refusals, and mails that came back, since the last report that got through to the address. */
export interface DestinationRefusals {
  readonly address: string;
  /** On how many days in a row, up to and with `lastDay`. */
  readonly days: number;
  readonly lastDay: UtcDay;
  readonly suppressedTimes: number;
  /** Whether some came back: then it is no proof that our own mail server takes further ones. */
  readonly hasBounced: boolean;
  /** Since when it takes them, and none came back that it took since; undefined while there is none. */
  readonly takenSince: UtcDay | undefined;
}

export interface DestinationChanges {
  readonly results: readonly DestinationResult[];
  readonly refusals: readonly DestinationRefusals[];
  /** For refusals, and mails that came back. They take the place of no suppression by the operator that still lasts. */
  readonly suppressions: readonly Suppression[];
  /** Addresses that a report got through to: nothing from before is held against them. */
  readonly accepted: readonly string[];
  readonly nowMs: number;
}

const UPGRADE_FROM_3 = `
    ALTER TABLE refusals ADD COLUMN has_bounced INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE refusals ADD COLUMN taken_since TEXT;`;

/** `counts` is of no use any more: see host-counts.ts. */
const destinationsKind: FileKind = {
  name: 'reporting addresses',
  version: 4,
  tables: `
    CREATE TABLE suppressions (address TEXT PRIMARY KEY, until_ms INTEGER, reason TEXT);
    CREATE TABLE last_results (address TEXT PRIMARY KEY, state TEXT NOT NULL, result TEXT NOT NULL, at_ms INTEGER NOT NULL);
    CREATE TABLE refusals (
      address TEXT PRIMARY KEY, days INTEGER NOT NULL, last_day TEXT NOT NULL, suppressed_times INTEGER NOT NULL);
    CREATE TABLE counts (address TEXT PRIMARY KEY, day TEXT NOT NULL, reports INTEGER NOT NULL);
    ${UPGRADE_FROM_3}`,
  statements: {
    // In journals of version 3.
    'note-refusals': `INSERT OR REPLACE INTO refusals (address, days, last_day, suppressed_times)
      VALUES (:address, :days, :lastDay, :suppressedTimes)`,
    suppress: 'INSERT OR REPLACE INTO suppressions VALUES (:address, :untilMs, :reason)',
    'suppress-for-refusals': `INSERT INTO suppressions VALUES (:address, :untilMs, :reason)
      ON CONFLICT (address) DO UPDATE SET until_ms = excluded.until_ms, reason = excluded.reason
      WHERE suppressions.reason IS NOT NULL OR suppressions.until_ms <= :nowMs`,
    'end-suppression': 'DELETE FROM suppressions WHERE address = :address',
    'end-suppression-for-refusals': 'DELETE FROM suppressions WHERE address = :address AND reason IS NOT NULL',
    'note-result': 'INSERT OR REPLACE INTO last_results VALUES (:address, :state, :result, :atMs)',
    'note-refusals-and-bounces': `INSERT OR REPLACE INTO refusals
      (address, days, last_day, suppressed_times, has_bounced, taken_since)
      VALUES (:address, :days, :lastDay, :suppressedTimes, :hasBounced, :takenSince)`,
    'forget-refusals': 'DELETE FROM refusals WHERE address = :address',
    'forget-old-results': 'DELETE FROM last_results WHERE at_ms < :beforeMs',
    'forget-old-suppressions': 'DELETE FROM suppressions WHERE until_ms < :beforeMs',
    'forget-old-refusals': `DELETE FROM refusals WHERE last_day <= :day
      AND address NOT IN (SELECT address FROM suppressions)`,
  },
  upgrades: { 3: UPGRADE_FROM_3 },
};

export class Destinations {
  readonly #database: DurableDatabase;

  private constructor(database: DurableDatabase) {
    this.#database = database;
  }

  static open(context: DatabaseContext, stem: string): Destinations {
    return new Destinations(DurableDatabase.open({ ...context, stem, kind: destinationsKind }));
  }

  /** Upon the operator's word. */
  suppress(suppression: Suppression): void {
    this.#database.transact([suppressChange(suppression)]);
  }

  /** Also forgets the refusals that may have led to it. */
  endSuppression(address: string): void {
    this.#database.transact([
      ['end-suppression', { address }],
      ['forget-refusals', { address }],
    ]);
  }

  note({ results, refusals, suppressions, accepted, nowMs }: DestinationChanges): void {
    this.#database.transact([
      ...results.map((result): Change => ['note-result', { ...result }]),
      // Before the refusals: an address may have refused again since.
      ...accepted.flatMap((address): Change[] => [
        ['forget-refusals', { address }],
        ['end-suppression-for-refusals', { address }],
      ]),
      ...refusals.map(refusalsChange),
      ...suppressions.map(({ address, untilMs, reason }): Change => [
        'suppress-for-refusals',
        { address, untilMs: untilMs ?? null, reason: reason ?? null, nowMs },
      ]),
    ]);
  }

  /** Whatever is no newer than `day`. What lasts stays, with what led to it: a suppression grows with each that was before. */
  forget(day: UtcDay): void {
    const beforeMs = endOfDayMs(day);
    this.#database.transact([
      ['forget-old-results', { beforeMs }],
      ['forget-old-suppressions', { beforeMs }],
      ['forget-old-refusals', { day }],
    ]);
  }

  /** Also those whose time is over. */
  suppressions(): Suppression[] {
    return this.#database.all('SELECT * FROM suppressions').map(suppressionOf);
  }

  refusalsOf(address: string): DestinationRefusals | undefined {
    return this.#database.all('SELECT * FROM refusals WHERE address = :address', { address }).map(refusalsOf)[0];
  }

  /** Folds the journal into the snapshot. */
  checkpoint(): void {
    this.#database.checkpoint();
  }

  close(): void {
    this.#database.close();
  }
}

export interface DestinationsContent {
  /** Also those whose time is over. */
  readonly suppressions: readonly Suppression[];
  readonly results: readonly DestinationResult[];
  readonly refusals: readonly DestinationRefusals[];
}

/** All that is known, in the order of the addresses; nothing when nothing was ever written. */
export function readDestinations(context: DatabaseContext, stem: string): DestinationsContent {
  const content = reading(context, stem, (database) => ({
    suppressions: allOf(database, 'suppressions', suppressionOf),
    results: allOf(database, 'last_results', resultOf),
    refusals: allOf(database, 'refusals', refusalsOf),
  }));
  return content ?? { suppressions: [], results: [], refusals: [] };
}

/** Also those whose time is over. They may be readable where the rest is not. */
export function readSuppressions(context: DatabaseContext, stem: string): Suppression[] {
  return reading(context, stem, (database) => allOf(database, 'suppressions', suppressionOf)) ?? [];
}

/** Undefined when there is nothing. */
function reading<T>(context: DatabaseContext, stem: string, read: (database: SqliteDatabase) => T): T | undefined {
  const content = readDatabase(context, databasePaths(stem), destinationsKind);
  if (!content) return undefined;
  try {
    return read(content.database);
  } finally {
    content.database.close();
  }
}

function allOf<T>(database: SqliteDatabase, table: string, valueOf: (row: Row) => T): T[] {
  return database.all(`SELECT * FROM ${table} ORDER BY address`).map(valueOf);
}

function suppressChange({ address, untilMs, reason }: Suppression): Change {
  return ['suppress', { address, untilMs: untilMs ?? null, reason: reason ?? null }];
}

function refusalsChange({ hasBounced, takenSince, ...refusals }: DestinationRefusals): Change {
  return ['note-refusals-and-bounces', { ...refusals, hasBounced: hasBounced ? 1 : 0, takenSince: takenSince ?? null }];
}

function suppressionOf(row: Row): Suppression {
  const { until_ms: untilMs, reason } = row;
  return {
    address: String(row['address']),
    untilMs: typeof untilMs === 'number' ? untilMs : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
  };
}

function resultOf(row: Row): DestinationResult {
  return {
    address: String(row['address']),
    state: row['state'] as DeliveryState,
    result: String(row['result']),
    atMs: Number(row['at_ms']),
  };
}

function refusalsOf(row: Row): DestinationRefusals {
  return {
    address: String(row['address']),
    days: Number(row['days']),
    lastDay: row['last_day'] as UtcDay,
    suppressedTimes: Number(row['suppressed_times']),
    hasBounced: row['has_bounced'] === 1,
    takenSince: typeof row['taken_since'] === 'string' ? (row['taken_since'] as UtcDay) : undefined,
  };
}
