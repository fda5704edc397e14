/**
 * A SQLite file that another program wrote, read only: rows of the tables that the caller describes.
 *
 * It comes from another host, so nothing in it is believed. Only a file that SQLite finds sound is opened, and only when each table is
 * an ordinary one that stores the columns that are read, and nothing else is there but indexes: a view, a trigger, or a column that is
 * computed, could run for ever. The file is not changed; an index that makes look-ups fast lives in memory.
 * Problems: store-not-writable, when our own disk does not give the copy again.
 */
import { LayeredBytes } from './durable/file-bytes.ts';
import { closedOnFailure, SqliteDatabase } from './durable/sqlite.ts';
import type { Row } from './durable/sqlite.ts';
import type { DatabaseContext } from './durable/database-file.ts';
import { blamingCopy } from './store-problem.ts';

export interface ForeignTable {
  readonly columns: readonly string[];
  /** Columns by which rows are looked up often. */
  readonly index?: readonly string[];
}

export interface ForeignSchema {
  readonly tables: Readonly<Record<string, ForeignTable>>;
  /** Looks at a database that has these tables; why it is not to be read all the same. */
  readonly fault: (database: ForeignDatabase) => string | undefined;
}

export type ForeignRow = Row;

export interface RowQuery {
  readonly from: string;
  readonly columns: readonly string[];
  /** Each of them equal; a null is equal to a null. */
  readonly where?: Readonly<Record<string, string | null>>;
  readonly orderBy: readonly (string | { readonly descending: string })[];
  readonly distinct?: boolean;
}

export type ForeignOpening =
  { readonly kind: 'opened'; readonly database: ForeignDatabase } | { readonly kind: 'damaged'; readonly why: string };

export class ForeignDatabase {
  readonly #database: SqliteDatabase;

  private constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  static open({ sqlite, disk }: DatabaseContext, path: string, { tables, fault }: ForeignSchema): ForeignOpening {
    return blamingCopy(path, () => {
      const sound = new SqliteDatabase(sqlite, LayeredBytes.of(disk, path));
      return closedOnFailure(sound, () => {
        const database = new ForeignDatabase(sound);
        const why = tableFault(sound, tables) ?? integrityFault(sound) ?? fault(database);
        if (why !== undefined) throw new Error(why);
        for (const [table, { index }] of Object.entries(tables)) if (index) createIndex(sound, table, index);
        return { kind: 'opened', database };
      });
    });
  }

  /** Throws what SQLite comes upon only now: see `FetchedDays.blamingCopy`. */
  rows({ from, columns, where = {}, orderBy, distinct = false }: RowQuery): Generator<ForeignRow> {
    const conditions = Object.keys(where).map((column) => `${quoted(column)} IS :${column}`);
    const sql = [
      distinct ? 'SELECT DISTINCT' : 'SELECT',
      columns.map(quoted).join(', '),
      `FROM ${quoted(from)}`,
      conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`,
      `ORDER BY ${orderBy.map((by) => (typeof by === 'string' ? quoted(by) : `${quoted(by.descending)} DESC`)).join(', ')}`,
    ].join(' ');
    return this.#database.each(sql, where);
  }

  close(): void {
    this.#database.close();
  }
}

function integrityFault(database: SqliteDatabase): string | undefined {
  const [fault] = database.integrityFaults();
  return fault === undefined ? undefined : `SQLite finds it damaged: ${fault}`;
}

function tableFault(database: SqliteDatabase, tables: ForeignSchema['tables']): string | undefined {
  const stored = database
    .all("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
    .map(({ name }) => name);
  const missing = Object.keys(tables).find((table) => !stored.includes(table));
  if (missing !== undefined) return `it has no table ${missing}`;
  const [other] = database.all(
    "SELECT name FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'",
  );
  if (other) return `it has ${String(other['name'])}, which is neither a table nor an index`;
  const [fault] = Object.entries(tables).flatMap(([table, { columns }]) => missingColumns(database, table, columns));
  return fault;
}

function missingColumns(database: SqliteDatabase, table: string, columns: readonly string[]): string[] {
  // `hidden` is 0 for a column that is stored, 2 or 3 for one that is computed.
  const stored = database.all(`PRAGMA table_xinfo(${quoted(table)})`).filter(({ hidden }) => hidden === 0);
  return columns
    .filter((column) => !stored.some(({ name }) => name === column))
    .map((column) => `its table ${table} stores no column ${column}`);
}

function createIndex(database: SqliteDatabase, table: string, columns: readonly string[]): void {
  database.execute(`CREATE INDEX ${quoted(`tlsrpt_${table}`)} ON ${quoted(table)} (${columns.map(quoted).join(', ')})`);
}

function quoted(identifier: string): string {
  return `"${identifier}"`;
}
