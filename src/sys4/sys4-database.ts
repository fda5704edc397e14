/**
 * The database of sys4's tlsrpt-collectd, read only: `finalresults`, `failures` and `daystatus`, version 1.
 *
 * What is no such database is not opened, with the reason. Texts and counts are given as they are found; `readSys4Tally` judges them.
 */
import type { ForeignDatabase, ForeignRow } from '#store/foreign-database.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { daysIn, madeAt, openProgramDatabase, textIn } from './program-database.ts';
import type { ProgramSchema } from './program-database.ts';
import type { Sys4Tally } from './sys4-tally.ts';

export type Sys4Opening =
  { readonly kind: 'opened'; readonly database: Sys4Database } | { readonly kind: 'damaged'; readonly why: string };

const KEY = ['day', 'domain', 'tlsrptrecord', 'policy'];
const FINAL_RESULTS = [...KEY, 'cntrtotal', 'cntrfailure'];
const FAILURES = ['reason', 'cntr'];

const schema: ProgramSchema = {
  program: 'tlsrpt-collectd',
  purpose: 'TLSRPT-Collectd-DB-devel-2024-10-28',
  tables: {
    daystatus: { columns: ['daycomplete'] },
    failures: { columns: [...KEY, ...FAILURES], index: KEY },
    finalresults: { columns: FINAL_RESULTS },
  },
};

export class Sys4Database {
  readonly #database: ForeignDatabase;

  private constructor(database: ForeignDatabase) {
    this.#database = database;
  }

  /** `path` is a copy. */
  static open(store: Store, path: string): Sys4Opening {
    const opening = openProgramDatabase(store, path, schema);
    return opening.kind === 'opened' ? { ...opening, database: new Sys4Database(opening.database) } : opening;
  }

  /** One for each database that its collector makes, whatever it is called; empty where that is not known. */
  get made(): string {
    return madeAt(this.#database);
  }

  /** Days of which there are sessions, the oldest first. */
  daysWithSessions(): UtcDay[] {
    return daysIn(this.#database, 'finalresults', 'day');
  }

  /** Days that its collector has declared complete, the oldest first. */
  completeDays(): UtcDay[] {
    return daysIn(this.#database, 'daystatus', 'daycomplete');
  }

  *tallies(day: UtcDay): Generator<Sys4Tally> {
    const orderBy = ['domain', 'tlsrptrecord', 'policy'];
    for (const row of this.#database.rows({ from: 'finalresults', columns: FINAL_RESULTS, where: { day }, orderBy })) {
      yield {
        domain: textIn(row['domain']),
        record: textIn(row['tlsrptrecord']),
        policy: textIn(row['policy']),
        total: row['cntrtotal'],
        failed: row['cntrfailure'],
        failures: this.#failuresOf(row),
      };
    }
  }

  close(): void {
    this.#database.close();
  }

  /** The most frequent first. */
  #failuresOf({ day, domain, tlsrptrecord, policy }: ForeignRow): [string, unknown][] {
    const where = {
      day: textIn(day),
      domain: textIn(domain),
      tlsrptrecord: typeof tlsrptrecord === 'string' ? tlsrptrecord : null,
      policy: textIn(policy),
    };
    const orderBy = [{ descending: 'cntr' }, 'reason'];
    return [...this.#database.rows({ from: 'failures', columns: FAILURES, where, orderBy })].map(({ reason, cntr }) => [
      textIn(reason),
      cntr,
    ]);
  }
}
