/**
 * What others than its writer read of a day's outbox: reports to show, and what earlier runs settled. Takes no lock.
 *
 * Problems: store-damaged, store-wrong-schema, store-not-readable.
 */
import { databasePaths, readDatabase } from './durable/database-file.ts';
import type { Parameters, Row, Sqlite } from './durable/sqlite.ts';
import { outboxKind, readReports } from './outbox.ts';
import type { StoredReport } from './outbox.ts';

/** The reports of a day, to be gone through as often as `use` likes, for as long as it runs; none when there is no outbox. */
export async function withReports<T>(
  sqlite: Sqlite,
  stem: string,
  use: (reports: Iterable<StoredReport>) => T | Promise<T>,
): Promise<T> {
  const content = readDatabase(sqlite, databasePaths(stem), outboxKind);
  if (!content) return use([]);
  const { database } = content;
  try {
    return await use({ [Symbol.iterator]: () => readReports((sql) => database.each(sql)) });
  } finally {
    database.close();
  }
}

/** The records that were looked up for reports which were handed over, by policy domain. */
export function readLookedUpRecords(sqlite: Sqlite, stem: string): Map<string, string> {
  const rows = readRows(
    sqlite,
    stem,
    `SELECT policy_domain, looked_up_record FROM reports
      WHERE handed_over = 1 AND looked_up_record IS NOT NULL ORDER BY report_id`,
  );
  return new Map(rows.map((row) => [String(row['policy_domain']), String(row['looked_up_record'])]));
}

/** Where reports were delivered between two moments, once for each delivery. */
export function readDeliveredTo(sqlite: Sqlite, stem: string, fromMs: number, untilMs: number): string[] {
  const sql = `SELECT destination FROM deliveries
    WHERE last_attempt_ms >= :fromMs AND last_attempt_ms < :untilMs AND state = 'delivered'`;
  return readRows(sqlite, stem, sql, { fromMs, untilMs }).map((row) => String(row['destination']));
}

function readRows(sqlite: Sqlite, stem: string, sql: string, parameters?: Parameters): Row[] {
  const content = readDatabase(sqlite, databasePaths(stem), outboxKind);
  if (!content) return [];
  try {
    return content.database.all(sql, parameters);
  } finally {
    content.database.close();
  }
}
