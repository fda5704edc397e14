/**
 * The database of sys4's tlsrpt-collectd, read only: `finalresults`, `failures` and `daystatus`, version 1.
 *
 * What is no such database is not opened, with the reason. Texts and counts are given as they are found; `readSys4Tally` judges them.
 */
import type { ForeignDatabase, ForeignRow, ForeignSchema } from '#store/foreign-database.ts';
import type { Store } from '#store/store.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Sys4Tally } from './sys4-tally.ts';

export type Sys4Opening =
  { readonly kind: 'opened'; readonly database: Sys4Database } | { readonly kind: 'damaged'; readonly why: string };

const PURPOSE = 'TLSRPT-Collectd-DB-devel-2024-10-28';
const VERSION = 1;
const KEY = ['day', 'domain', 'tlsrptrecord', 'policy'];
const FINAL_RESULTS = [...KEY, 'cntrtotal', 'cntrfailure'];
const FAILURES = ['reason', 'cntr'];

const schema: ForeignSchema = {
  tables: {
    daystatus: { columns: ['daycomplete'] },
    dbversion: { columns: ['version', 'purpose'] },
    failures: { columns: [...KEY, ...FAILURES], index: KEY },
    finalresults: { columns: FINAL_RESULTS },
  },
  fault: versionFault,
};

export class Sys4Database {
  readonly #database: ForeignDatabase;

  private constructor(database: ForeignDatabase) {
    this.#database = database;
  }

  /** `path` is a copy. */
  static open({ fetched }: Store, path: string): Sys4Opening {
    const opening = fetched.openForeign(path, schema);
    return opening.kind === 'opened'
      ? { kind: 'opened', database: new Sys4Database(opening.database) }
      : { kind: 'damaged', why: `it is no database of tlsrpt-collectd: ${opening.why}` };
  }

  /** Days of which there are sessions, the oldest first. */
  daysWithSessions(): UtcDay[] {
    return this.#daysIn('finalresults', 'day');
  }

  /** Days that its collector has declared complete, the oldest first. */
  completeDays(): UtcDay[] {
    return this.#daysIn('daystatus', 'daycomplete');
  }

  *tallies(day: UtcDay): Generator<Sys4Tally> {
    const orderBy = ['domain', 'tlsrptrecord', 'policy'];
    for (const row of this.#database.rows({ from: 'finalresults', columns: FINAL_RESULTS, where: { day }, orderBy })) {
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

  #daysIn(from: string, column: string): UtcDay[] {
    return [...this.#database.rows({ from, columns: [column], orderBy: [column], distinct: true })]
      .map((row) => parseUtcDay(textOf(row[column])))
      .filter((day) => day !== undefined);
  }

  /** The most frequent first. */
  #failuresOf({ day, domain, tlsrptrecord, policy }: ForeignRow): [string, unknown][] {
    const where = {
      day: textOf(day),
      domain: textOf(domain),
      tlsrptrecord: typeof tlsrptrecord === 'string' ? tlsrptrecord : null,
      policy: textOf(policy),
    };
    const orderBy = [{ descending: 'cntr' }, 'reason'];
    return [...this.#database.rows({ from: 'failures', columns: FAILURES, where, orderBy })].map(({ reason, cntr }) => [
      textOf(reason),
      cntr,
    ]);
  }
}

function versionFault(database: ForeignDatabase): string | undefined {
  const rows = database.rows({ from: 'dbversion', columns: ['version', 'purpose'], orderBy: ['version'] });
  return [...rows].some(({ version, purpose }) => version === VERSION && purpose === PURPOSE)
    ? undefined
    : `it has not version ${String(VERSION)} and purpose ${PURPOSE}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
