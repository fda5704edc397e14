/**
 * SQLite, from sql.js: statements prepared once, parameters by name.
 *
 * A database is in memory, or works on a file (file-bytes.ts). sql.js's `export` closes and reopens the database inside, which frees
 * every prepared statement and resets pragmas; it is called only for a new, empty one.
 */
import initSqlJs from 'sql.js';
import type { Database, SqlJsStatic, SqlValue, Statement } from 'sql.js';
import { readSqliteWasm } from '#support/embedded-file.ts';
import { messageOf } from '#support/problem.ts';
import { damagedProblem } from '../store-problem.ts';
import type { DatabaseBytes } from './file-bytes.ts';

export type Parameters = Readonly<Record<string, string | number | null>>;
export type Row = Readonly<Record<string, SqlValue>>;
export type Sqlite = SqlJsStatic;

/** In KiB, as SQLite wants it. */
const CACHE = '-8000';

/** Also what SQLite says of a schema, or a header, that is not the one which was written. */
const DAMAGE = /malformed|not a database|no such (?:table|column)|readonly database/;

interface Prepared {
  readonly statement: Statement;
  /** SQLite numbers named parameters in the order of their first appearance; bound by number they cost a fifth. */
  readonly parameterNames: readonly string[];
  /** Those that the statement casts to text: they may be bound as bytes, which sql.js copies much faster than it encodes a string. */
  readonly castNames: ReadonlySet<string>;
}

let loading: Promise<Sqlite> | undefined;

export function loadSqlite(): Promise<Sqlite> {
  const wasm = (): ArrayBuffer => new Uint8Array(readSqliteWasm()).buffer;
  loading ??= initSqlJs({ wasmBinary: wasm() });
  return loading;
}

export class SqliteDatabase {
  readonly #database: Database;
  readonly #bytes: DatabaseBytes | undefined;
  readonly #prepared = new Map<string, Prepared>();
  #isClosed = false;

  /**
   * In memory, or on `bytes`, which are closed with it. `discardable`: nobody needs what is there when a statement fails, so nothing
   * is kept for a rollback. Throws when the bytes are not a database.
   */
  constructor(sqlite: Sqlite, bytes?: DatabaseBytes, durability: 'transactional' | 'discardable' = 'transactional') {
    this.#bytes = bytes;
    this.#database = this.#opened(sqlite);
    closedOnFailure(this, () => {
      this.all('SELECT count(*) AS tables FROM sqlite_schema');
      this.#configure(durability);
    });
  }

  /** Runs statements that take no parameters, such as a schema. */
  execute(sql: string): void {
    this.#attempt(() => this.#database.run(sql));
  }

  run(sql: string, parameters: Parameters = {}): void {
    const statement = this.#bound(sql, parameters);
    this.#attempt(() => {
      statement.run();
    });
  }

  /** Runs a statement once for each row; `values` holds them one behind the other, each in the order of `names`. */
  runRows(sql: string, names: readonly string[], values: readonly SqlValue[]): void {
    const { statement, parameterNames } = this.#prepare(sql);
    const places = parameterNames.map((name) => names.indexOf(name));
    this.#attempt(() => {
      for (let start = 0; start < values.length; start += names.length)
        statement.run(places.map((place) => values[start + place] ?? null));
    });
  }

  all(sql: string, parameters: Parameters = {}): Row[] {
    return [...this.each(sql, parameters)];
  }

  *each(sql: string, parameters: Parameters = {}): Generator<Row> {
    const statement = this.#bound(sql, parameters);
    try {
      let columns: readonly string[] | undefined;
      while (this.#attempt(() => statement.step())) {
        // Asked for once: getAsObject would copy the names out of SQLite's memory for each row.
        columns ??= statement.getColumnNames();
        yield rowOf(columns, statement.get());
      }
    } finally {
      statement.reset();
    }
  }

  /** What SQLite finds wrong with the whole of it; empty when it is sound. */
  integrityFaults(): string[] {
    const rows = this.all('PRAGMA integrity_check');
    return rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
  }

  /** For a database in memory. Nothing may be asked of it afterwards. */
  export(): Uint8Array {
    this.#prepared.clear();
    return this.#database.export();
  }

  /** Once: the number of a descriptor may be somebody else's the next time. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#prepared.clear();
    try {
      this.#database.close();
    } finally {
      this.#bytes?.close();
    }
  }

  #opened(sqlite: Sqlite): Database {
    try {
      return this.#attempt(() => new sqlite.Database(this.#bytes as unknown as Uint8Array));
    } catch (error) {
      this.#bytes?.close();
      throw error;
    }
  }

  /** Nothing is written before its transaction ends, so a rollback has nothing to take back on the disk. Syncs are the caller's. */
  #configure(durability: 'transactional' | 'discardable'): void {
    const journal = durability === 'discardable' ? 'OFF' : 'MEMORY; PRAGMA cache_spill = OFF';
    this.execute(
      `PRAGMA journal_mode = ${journal}; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = ${CACHE}`,
    );
  }

  /** SQLite knows only that the disk failed, and passes over a page that it could not write; the system's error says what happened. */
  #attempt<T>(ask: () => T): T {
    let answer: T;
    try {
      answer = ask();
    } catch (error) {
      throw this.#bytes?.takeFailure() ?? this.#named(error);
    }
    const failure = this.#bytes?.takeFailure();
    if (failure instanceof Error) throw failure;
    return answer;
  }

  /** SQLite finds damage when it comes upon it, at any time. */
  #named(error: unknown): unknown {
    return this.#bytes && DAMAGE.test(messageOf(error)) ? damagedProblem(this.#bytes.path, messageOf(error)) : error;
  }

  #bound(sql: string, parameters: Parameters): Statement {
    const { statement, parameterNames, castNames } = this.#prepare(sql);
    statement.bind(parameterNames.map((name) => bindable(parameters[name] ?? null, castNames.has(name))));
    return statement;
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const prepared = {
      statement: this.#attempt(() => this.#database.prepare(sql)),
      parameterNames: [...namesIn(sql, /:(\w+)/g)],
      castNames: namesIn(sql, /CAST\(:(\w+) AS TEXT\)/g),
    };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

function namesIn(sql: string, pattern: RegExp): ReadonlySet<string> {
  return new Set([...sql.matchAll(pattern)].map(([, name = '']) => name));
}

function bindable(value: string | number | null, isCast: boolean): string | number | null | Uint8Array {
  return isCast && typeof value === 'string' ? Buffer.from(value) : value;
}

function rowOf(columns: readonly string[], values: readonly SqlValue[]): Row {
  const row: Record<string, SqlValue> = {};
  for (let index = 0; index < columns.length; index += 1) row[columns[index] ?? ''] = values[index] ?? null;
  return row;
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
