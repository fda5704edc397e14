/**
 * The database of sys4's tlsrpt-reportd, read only: the reports that it built, and what became of each delivery.
 *
 * What is no such database is not opened, with the reason. Texts are given as they are found; read-built-report.ts judges them.
 */
import type { ForeignDatabase, ForeignRow, ForeignSchema } from '#store/foreign-database.ts';
import type { Store } from '#store/store.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

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
}

const PURPOSE = 'TLSRPT-Reportd-DB-devel-2024-10-28';
const VERSION = 1;
const REPORT = ['r_id', 'day', 'domain', 'uniqid', 'report'];
const DELIVERY = ['d_r_id', 'destination', 'retries', 'status'];

const schema: ForeignSchema = {
  tables: {
    dbversion: { columns: ['version', 'purpose'] },
    destinations: { columns: DELIVERY },
    reports: { columns: REPORT },
  },
  fault: versionFault,
};

export class ReportdDatabase {
  readonly #database: ForeignDatabase;

  private constructor(database: ForeignDatabase) {
    this.#database = database;
  }

  static open({ fetched }: Store, path: string): ReportdOpening {
    const opening = fetched.openForeign(path, schema);
    return opening.kind === 'opened'
      ? { kind: 'opened', database: new ReportdDatabase(opening.database) }
      : { kind: 'damaged', why: `it is no database of tlsrpt-reportd: ${opening.why}` };
  }

  /** Days about which reports were built, the oldest first. */
  days(): UtcDay[] {
    return [...this.#database.rows({ from: 'reports', columns: ['day'], orderBy: ['day'], distinct: true })]
      .map(({ day }) => parseUtcDay(textOf(day)))
      .filter((day) => day !== undefined);
  }

  reports(day: UtcDay): ReportdReport[] {
    const rows = [...this.#database.rows({ from: 'reports', columns: REPORT, where: { day }, orderBy: ['r_id'] })];
    const deliveries = this.#deliveriesOf(new Set(rows.map((row) => row['r_id'])));
    return rows.map((row) => ({
      domain: textOf(row['domain']),
      number: countOf(row['uniqid']),
      document: textOf(row['report']),
      deliveries: deliveries.get(row['r_id']) ?? [],
    }));
  }

  close(): void {
    this.#database.close();
  }

  #deliveriesOf(reports: ReadonlySet<unknown>): Map<unknown, ReportdDelivery[]> {
    const found = new Map<unknown, ReportdDelivery[]>();
    const query = { from: 'destinations', columns: DELIVERY, orderBy: ['d_r_id', 'destination'] };
    for (const row of this.#database.rows(query)) {
      const id = row['d_r_id'];
      if (reports.has(id)) found.set(id, [...(found.get(id) ?? []), deliveryOf(row)]);
    }
    return found;
  }
}

function deliveryOf({ destination, status, retries }: ForeignRow): ReportdDelivery {
  return {
    destination: textOf(destination),
    status: typeof status === 'string' ? status : undefined,
    retries: countOf(retries),
  };
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

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0;
}
