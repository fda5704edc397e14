/**
 * One report with its deliveries, from whichever day's outbox has it. Reads only.
 *
 * It may be named by its report-id, by a beginning that no other report-id has, or by its policy domain, which means the newest day that has
 * a report on it.
 */
import type { StoredReport } from '#store/outbox/outbox-entries.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface FoundReport {
  readonly kind: 'report';
  readonly day: UtcDay;
  readonly report: StoredReport;
  readonly deliveries: readonly Delivery[];
}

export type Finding =
  | FoundReport
  /** Undecided between these, at least two. */
  | { readonly kind: 'several'; readonly reportIds: readonly string[] }
  /** There is none, or its day was removed since. */
  | { readonly kind: 'none' };

/** Throws what is wrong with a day that cannot be read and might have it. */
export function findReport(store: Store, name: string): Finding {
  const problems: Problem[] = [];
  const note = (problem: Problem): unknown => problems.push(problem);
  const found = byId(store, name, note) ?? byDomainOrBeginning(store, name, note);
  const [problem] = problems;
  if (found.kind === 'none' && problem) throw problem;
  return found;
}

function byId(store: Store, reportId: string, note: (problem: Problem) => void): FoundReport | undefined {
  for (const day of likelyFirst(store.outboxes.days(), reportId)) {
    const read = (): ReturnType<Store['outboxes']['readReport']> => store.outboxes.readReport(day, reportId);
    const found = containProblem(read, note);
    if (found) return { kind: 'report', day, ...found };
  }
  return undefined;
}

function byDomainOrBeginning(store: Store, name: string, note: (problem: Problem) => void): Finding {
  const domain = canonicalDomain(name);
  const beginning: string[] = [];
  for (const day of store.outboxes.days().reverse()) {
    const reports = containProblem(() => store.outboxes.read(day), note)?.reports ?? [];
    const onDomain = reports.filter(({ policyDomain }) => policyDomain === domain);
    if (onDomain.length > 0) return oneOf(store, idsOf(onDomain), note);
    for (const { reportId } of reports) if (reportId.startsWith(name)) beginning.push(reportId);
  }
  return oneOf(store, beginning, note);
}

function oneOf(store: Store, reportIds: readonly string[], note: (problem: Problem) => void): Finding {
  const [reportId] = reportIds;
  if (reportId === undefined) return { kind: 'none' };
  if (reportIds.length > 1) return { kind: 'several', reportIds };
  return byId(store, reportId, note) ?? { kind: 'none' };
}

function idsOf(reports: readonly { readonly reportId: string }[]): string[] {
  return reports.map(({ reportId }) => reportId);
}

/** A report-id begins with its day. */
function likelyFirst(days: readonly UtcDay[], reportId: string): UtcDay[] {
  return [...days.filter((day) => reportId.startsWith(day)), ...days.filter((day) => !reportId.startsWith(day))];
}
