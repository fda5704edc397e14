/**
 * One report with its deliveries, by its report-id, from whichever day's outbox has it. Reads only.
 */
import type { StoredReport } from '#store/outbox.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface FoundReport {
  readonly day: UtcDay;
  readonly report: StoredReport;
  readonly deliveries: readonly Delivery[];
}

/** Undefined when there is none, or its day was removed since. Throws what is wrong with a day that cannot be read and might have it. */
export function findReport(store: Store, reportId: string): FoundReport | undefined {
  const problems: Problem[] = [];
  for (const day of likelyFirst(store.outboxes.days(), reportId)) {
    const read = (): ReturnType<Store['outboxes']['readReport']> => store.outboxes.readReport(day, reportId);
    const found = containProblem(read, (problem) => problems.push(problem));
    if (found) return { day, ...found };
  }
  const [problem] = problems;
  if (problem) throw problem;
  return undefined;
}

/** A report-id begins with its day. */
function likelyFirst(days: readonly UtcDay[], reportId: string): UtcDay[] {
  return [...days.filter((day) => reportId.startsWith(day)), ...days.filter((day) => !reportId.startsWith(day))];
}
