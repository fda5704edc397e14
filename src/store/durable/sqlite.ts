/**
 * SQLite in memory, from sql.js: statements prepared once, parameters by name.
 *
 * `export` copies the whole database out. It closes and reopens it inside, which frees every prepared statement and resets pragmas,
 * so only the checkpoint of a durable database calls it.
 */
import initSqlJs from 'sql.js';
import type { Database, SqlJsStatic, SqlValue, Statement } from 'sql.js';
import { readSqliteWasm } from '#support/embedded-file.ts';

export type Parameters = Readonly<Record<string, string | number | null>>;
export type Row = Readonly<Record<string, SqlValue>>;
export type Sqlite = SqlJsStatic;

interface Prepared {
  readonly statement: Statement;
  /** SQLite numbers named parameters in the order of their first appearance; bound by number they cost a fifth. */
  readonly parameterNames: readonly string[];
}

let loading: Promise<Sqlite> | undefined;

export function loadSqlite(): Promise<Sqlite> {
  const wasm = (): ArrayBuffer => new Uint8Array(readSqliteWasm()).buffer;
  loading ??= initSqlJs({ wasmBinary: wasm() });
  return loading;
}

export class SqliteDatabase {
  readonly #database: Database;
  readonly #prepared = new Map<string, Prepared>();

  /** Throws when `content` is not a database. */
  constructor(sqlite: Sqlite, content?: Uint8Array) {
    this.#database = new sqlite.Database(content);
    closedOnFailure(this, () => {
      this.all('SELECT count(*) AS tables FROM sqlite_schema');
      this.#configure();
    });
  }

  /** Runs statements that take no parameters, such as a schema. */
  execute(sql: string): void {
    this.#database.run(sql);
  }

  run(sql: string, parameters: Parameters = {}): void {
    this.#bound(sql, parameters).run();
  }

  all(sql: string, parameters: Parameters = {}): Row[] {
    return [...this.each(sql, parameters)];
  }

  *each(sql: string, parameters: Parameters = {}): Generator<Row> {
    const statement = this.#bound(sql, parameters);
    try {
      while (statement.step()) yield statement.getAsObject();
    } finally {
      statement.reset();
    }
  }

  export(): Uint8Array {
    this.#prepared.clear();
    const content = this.#database.export();
    this.#configure();
    return content;
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }

  /** The file is in memory too: a rollback journal beside it and syncs would only cost. */
  #configure(): void {
    this.#database.run('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;');
  }

  #bound(sql: string, parameters: Parameters): Statement {
    const { statement, parameterNames } = this.#prepare(sql);
    statement.bind(parameterNames.map((name) => parameters[name] ?? null));
    return statement;
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const names = [...sql.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
    const prepared = { statement: this.#database.prepare(sql), parameterNames: [...new Set(names)] };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/** Closes the database when `use` throws: nothing else ever frees SQLite's memory, or lets go of a lock. */
export function closedOnFailure<T>(database: { close(): void }, use: () => T): T {
  try {
    return use();
  } catch (error) {
    database.close();
    throw error;
  }
}
