/**
 * What is known about reporting addresses: which are to get no reports, and what each last answered: `destinations.sqlite`.
 *
 * Addresses are URIs in their canonical form, so one address has one entry however a record spells it.
 */
import { databasePaths, readDatabase } from './durable/database-file.ts';
import type { FileKind } from './durable/database-file.ts';
import { DurableDatabase } from './durable/durable-database.ts';
import type { Row, Sqlite } from './durable/sqlite.ts';
import type { DeliveryState } from '#tlsrpt/delivery.ts';

export interface Suppression {
  readonly address: string;
  /** Undefined: until it is removed. */
  readonly untilMs: number | undefined;
}

export interface DestinationResult {
  readonly address: string;
  readonly state: DeliveryState;
  readonly result: string;
  readonly atMs: number;
}

export const destinationsKind: FileKind = {
  name: 'reporting addresses',
  version: 1,
  tables: `
    CREATE TABLE suppressions (address TEXT PRIMARY KEY, until_ms INTEGER);
    CREATE TABLE last_results (address TEXT PRIMARY KEY, state TEXT NOT NULL, result TEXT NOT NULL, at_ms INTEGER NOT NULL);`,
  statements: {
    suppress: 'INSERT OR REPLACE INTO suppressions VALUES (:address, :untilMs)',
    'end-suppression': 'DELETE FROM suppressions WHERE address = :address',
    'note-result': 'INSERT OR REPLACE INTO last_results VALUES (:address, :state, :result, :atMs)',
  },
};

export class Destinations {
  readonly #database: DurableDatabase;

  private constructor(database: DurableDatabase) {
    this.#database = database;
  }

  static open(sqlite: Sqlite, stem: string): Destinations {
    return new Destinations(DurableDatabase.open({ sqlite, stem, kind: destinationsKind }));
  }

  suppress({ address, untilMs }: Suppression): void {
    this.#database.transact([['suppress', { address, untilMs: untilMs ?? null }]]);
  }

  endSuppression(address: string): void {
    this.#database.transact([['end-suppression', { address }]]);
  }

  noteResults(results: readonly DestinationResult[]): void {
    this.#database.transact(results.map((result) => ['note-result', { ...result }]));
  }

  /** Folds the journal into the snapshot. */
  checkpoint(): void {
    this.#database.checkpoint();
  }

  close(): void {
    this.#database.close();
  }
}

/** All suppressions, also those whose time is over; none when nothing was ever suppressed. */
export function readSuppressions(sqlite: Sqlite, stem: string): Suppression[] {
  const content = readDatabase(sqlite, databasePaths(stem), destinationsKind);
  if (!content) return [];
  const suppressions = content.database.all('SELECT * FROM suppressions ORDER BY address').map(suppressionOf);
  content.database.close();
  return suppressions;
}

/** What each address last answered. */
export function readLastResults(sqlite: Sqlite, stem: string): DestinationResult[] {
  const content = readDatabase(sqlite, databasePaths(stem), destinationsKind);
  if (!content) return [];
  const results = content.database.all('SELECT * FROM last_results ORDER BY address').map((row) => ({
    address: String(row['address']),
    state: row['state'] as DeliveryState,
    result: String(row['result']),
    atMs: Number(row['at_ms']),
  }));
  content.database.close();
  return results;
}

function suppressionOf(row: Row): Suppression {
  const untilMs = row['until_ms'];
  return { address: String(row['address']), untilMs: typeof untilMs === 'number' ? untilMs : undefined };
}
