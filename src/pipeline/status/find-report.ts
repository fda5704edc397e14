/**
 * One report with its deliveries, by its report-id, from whichever day's outbox has it. Reads only.
 */
import type { Sqlite } from '#store/durable/sqlite.ts';
import { readReport } from '#store/read-outbox.ts';
import type { StoredReport } from '#store/outbox.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface FoundReport {
  readonly day: UtcDay;
  readonly report: StoredReport;
  readonly deliveries: readonly Delivery[];
}

/** Undefined when there is none, or its day was removed since. */
export function findReport(state: StateDirectory, sqlite: Sqlite, reportId: string): FoundReport | undefined {
  for (const day of likelyFirst(state.outboxDays(), reportId)) {
    const found = readReport(sqlite, state.outboxStem(day), reportId);
    if (found) return { day, ...found };
  }
  return undefined;
}

/** A report-id begins with its day. */
function likelyFirst(days: readonly UtcDay[], reportId: string): UtcDay[] {
  return [...days.filter((day) => reportId.startsWith(day)), ...days.filter((day) => !reportId.startsWith(day))];
}
