/**
 * The database of sys4's tlsrpt-reportd, read only: the reports that it built, and what became of each delivery.
 *
 * What is no such database is not opened, with the reason. Texts are given as they are found; read-built-report.ts judges them.
 */
import type { ForeignDatabase, ForeignRow } from '#store/foreign-database.ts';
import type { Store } from '#store/store.ts';
import { groupBy } from '#support/group-by.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { daysIn, openProgramDatabase, textIn } from '../program-database.ts';
import type { ProgramSchema } from '../program-database.ts';
import { isCount } from '../sys4-tally.ts';

export type ReportdOpening =
  { readonly kind: 'opened'; readonly database: ReportdDatabase } | { readonly kind: 'damaged'; readonly why: string };

export interface ReportdReport {
  readonly domain: string;
  /** Tells apart the reports on one domain and day: 1 and up. */
  readonly number: number;
  /** The JSON document. */
  readonly document: string;
  readonly deliveries: readonly ReportdDelivery[];
}

export interface ReportdDelivery {
  readonly destination: string;
  /** `sent`, `timedout`, `unknownrua`; undefined while it waits. */
  readonly status: string | undefined;
  readonly retries: number;
  /** As it stands there: `2026-11-20 06:00:00.250000`, in UTC unless it says otherwise. */
  readonly nextTry: string;
}

/** What one fetcher gave about a day, as far as nothing was reported of it. */
export interface UnreportedFetch {
  readonly day: UtcDay;
  /** Its command. */
  readonly fetcher: string;
  readonly domains: number;
}

const FETCHED = ['day', 'fetcher', 'domain'];
const REPORT = ['r_id', 'day', 'domain', 'uniqid', 'report'];
const DELIVERY = ['d_r_id', 'destination', 'retries', 'status', 'nexttry'];

const schema: ProgramSchema = {
  program: 'tlsrpt-reportd',
  purpose: 'TLSRPT-Reportd-DB-devel-2024-10-28',
  tables: {
    destinations: { columns: DELIVERY },
    reportdata: { columns: FETCHED },
    reports: { columns: REPORT },
  },
};

export class ReportdDatabase {
  readonly #database: ForeignDatabase;
  /** Of all reports, by `r_id`: the table is read once, since nothing in it helps to find those of a day. */
  #deliveries: Map<unknown, ReportdDelivery[]> | undefined;

  private constructor(database: ForeignDatabase) {
    this.#database = database;
  }

  static open(store: Store, path: string): ReportdOpening {
    const opening = openProgramDatabase(store, path, schema);
    return opening.kind === 'opened' ? { ...opening, database: new ReportdDatabase(opening.database) } : opening;
  }

  /** Days about which reports were built, the oldest first. */
  days(): UtcDay[] {
    return daysIn(this.#database, 'reports', 'day');
  }

  /** The oldest day first. Domains that were listed and not fetched yet count as well. */
  unreported(): UnreportedFetch[] {
    const reported = new Set([...this.#rowsOf('reports', ['day', 'domain'])].map(keyOf));
    const waiting = [...this.#rowsOf('reportdata', ['day', 'fetcher', 'domain'])].filter(
      (row) => !reported.has(keyOf(row)),
    );
    const byFetch = groupBy(waiting, ({ day, fetcher }) => JSON.stringify([day, fetcher]));
    return [...byFetch.values()].flatMap(unreportedFetch);
  }

  reports(day: UtcDay): ReportdReport[] {
    const rows = [...this.#database.rows({ from: 'reports', columns: REPORT, where: { day }, orderBy: ['r_id'] })];
    this.#deliveries ??= deliveriesIn(this.#database);
    const deliveries = this.#deliveries;
    return rows.map((row) => ({
      domain: textIn(row['domain']),
      number: countIn(row['uniqid']),
      document: textIn(row['report']),
      deliveries: deliveries.get(row['r_id']) ?? [],
    }));
  }

  close(): void {
    this.#database.close();
  }

  #rowsOf(from: string, columns: readonly string[]): Iterable<ForeignRow> {
    return this.#database.rows({ from, columns, orderBy: columns, distinct: true });
  }
}

function keyOf({ day, domain }: ForeignRow): string {
  return JSON.stringify([day, domain]);
}

function unreportedFetch(rows: readonly ForeignRow[]): UnreportedFetch[] {
  const [first] = rows;
  const day = parseUtcDay(textIn(first?.['day']));
  return day === undefined ? [] : [{ day, fetcher: textIn(first?.['fetcher']), domains: rows.length }];
}

function deliveriesIn(database: ForeignDatabase): Map<unknown, ReportdDelivery[]> {
  const found = new Map<unknown, ReportdDelivery[]>();
  const query = { from: 'destinations', columns: DELIVERY, orderBy: ['d_r_id', 'destination'] };
  for (const row of database.rows(query)) {
    const ofReport = found.get(row['d_r_id']);
    if (ofReport) ofReport.push(deliveryOf(row));
    else found.set(row['d_r_id'], [deliveryOf(row)]);
  }
  return found;
}

function deliveryOf({ destination, status, retries, nexttry }: ForeignRow): ReportdDelivery {
  return {
    destination: textIn(destination),
    status: typeof status === 'string' ? status : undefined,
    retries: countIn(retries),
    nextTry: textIn(nexttry),
  };
}

function countIn(value: unknown): number {
  return isCount(value) ? value : 0;
}
