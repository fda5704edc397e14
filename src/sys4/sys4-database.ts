/**
 * The database of sys4's tlsrpt-collectd, read only: `finalresults`, `failures` and `daystatus`, version 1.
 *
 * It is a file of another program from another host, so nothing in it is believed: whoever opens it gets a database that SQLite finds
 * sound and whose tables are tables, or the reason why not.
 */
import { messageOf } from '#support/problem.ts';
import type { Sys4Tally } from './sys4-tally.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { LayeredBytes } from '#store/durable/file-bytes.ts';
import { closedOnFailure, SqliteDatabase } from '#store/durable/sqlite.ts';
import type { Row, Sqlite } from '#store/durable/sqlite.ts';

export type Sys4Opening =
  { readonly kind: 'opened'; readonly database: Sys4Database } | { readonly kind: 'damaged'; readonly why: string };

const PURPOSE = 'TLSRPT-Collectd-DB-devel-2024-10-28';
const VERSION = 1;
const TABLES = ['daystatus', 'dbversion', 'failures', 'finalresults'];

export class Sys4Database {
  readonly #database: SqliteDatabase;

  private constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  static open(sqlite: Sqlite, path: string): Sys4Opening {
    try {
      const database = new SqliteDatabase(sqlite, new LayeredBytes(path));
      return closedOnFailure(database, () => {
        const why = faultOf(database);
        if (why !== undefined) throw new Error(why);
        database.execute('CREATE INDEX tlsrpt_failures ON failures (day, domain, tlsrptrecord, policy)');
        return { kind: 'opened', database: new Sys4Database(database) };
      });
    } catch (error) {
      return { kind: 'damaged', why: messageOf(error) };
    }
  }

  /** Days of which there are sessions, the oldest first. */
  daysWithSessions(): UtcDay[] {
    return daysIn(this.#database.all('SELECT DISTINCT day FROM finalresults ORDER BY day'), 'day');
  }

  /** Days that its collector has declared complete, the oldest first. */
  completeDays(): UtcDay[] {
    return daysIn(this.#database.all('SELECT DISTINCT daycomplete FROM daystatus ORDER BY daycomplete'), 'daycomplete');
  }

  *tallies(day: UtcDay): Generator<Sys4Tally> {
    const sql = 'SELECT * FROM finalresults WHERE day = :day ORDER BY domain, tlsrptrecord, policy';
    for (const row of this.#database.each(sql, { day })) {
      yield {
        domain: textOf(row['domain']),
        record: textOf(row['tlsrptrecord']),
        policy: textOf(row['policy']),
        total: row['cntrtotal'],
        failed: row['cntrfailure'],
        failures: this.#failuresOf(row),
      };
    }
  }

  close(): void {
    this.#database.close();
  }

  #failuresOf({ day, domain, tlsrptrecord, policy }: Row): [string, unknown][] {
    const sql = `SELECT reason, cntr FROM failures
      WHERE day = :day AND domain = :domain AND tlsrptrecord IS :record AND policy = :policy ORDER BY cntr DESC, reason`;
    return this.#database
      .all(sql, {
        day: textOf(day),
        domain: textOf(domain),
        record: typeof tlsrptrecord === 'string' ? tlsrptrecord : null,
        policy: textOf(policy),
      })
      .map(({ reason, cntr }) => [textOf(reason), cntr]);
  }
}

function faultOf(database: SqliteDatabase): string | undefined {
  const [fault] = database
    .all('PRAGMA integrity_check')
    .map((row) => textOf(row['integrity_check']))
    .filter((line) => line !== 'ok');
  if (fault !== undefined) return `SQLite finds it damaged: ${fault}`;
  // A view of the same name could run for ever.
  const tables = database.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'");
  const missing = TABLES.find((table) => !tables.some(({ name }) => name === table));
  if (missing !== undefined) return `it is no database of tlsrpt-collectd: it has no table ${missing}`;
  const isOurs = database
    .all('SELECT version, purpose FROM dbversion')
    .some(({ version, purpose }) => version === VERSION && purpose === PURPOSE);
  return isOurs
    ? undefined
    : `it is no database of tlsrpt-collectd with version ${String(VERSION)} and purpose ${PURPOSE}`;
}

function daysIn(rows: readonly Row[], column: string): UtcDay[] {
  return rows.map((row) => parseUtcDay(textOf(row[column]))).filter((day) => day !== undefined);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
