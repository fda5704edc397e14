/**
 * Takes over the reports that another program built about a day before its work came here: what was delivered is known not to be due
 * again, and what waits is delivered from here, as it was built and under its report-id.
 *
 * What is seen of the day beyond them goes into supplements, as with our own. A report that is here already stays as it is; what waits of it and was
 * delivered there since is not due any more. So a second run takes what is new. New reports come in one step. RFC 8460 4.1.
 * Problems: store-locked, store-damaged, disk-full.
 */
import type { DeliveryResult, DueDelivery, ReportToSave } from '#store/outbox/outbox-entries.ts';
import type { Outbox } from '#store/outbox/outbox.ts';
import type { OutboxContent } from '#store/outbox/read-outbox.ts';
import type { Store } from '#store/store.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { reportFileName } from '#tlsrpt/report-file-name.ts';
import { reportedPolicies } from '#tlsrpt/reported-policies.ts';
import { reportSummary } from '#tlsrpt/report-summary.ts';
import { submitterDomain } from '#tlsrpt/submitter.ts';
import type { Submitter } from '#tlsrpt/submitter.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { adoptedSubject } from './adopted-counts.ts';
import { formatReportedCounts } from './reported-counts.ts';

export interface AdoptedReport {
  readonly policyDomain: string;
  readonly reportId: string;
  readonly submitter: Submitter;
  /** Letters and digits that tell it from others on the same domain and day. */
  readonly uniqueId: string;
  readonly document: string;
  readonly policies: readonly PolicyTally[];
  readonly deliveries: readonly AdoptedDelivery[];
}

export interface AdoptedDelivery {
  /** A URI. */
  readonly destination: string;
  readonly state: 'queued' | 'delivered' | 'refused' | 'expired';
  readonly attempts: number;
  /** For people. */
  readonly lastResult: string;
  /** When the other program would have tried next what waits. */
  readonly dueMs?: number | undefined;
}

const LONGEST_WAIT_MS = 86_400_000;

interface Adoption {
  readonly reports: readonly AdoptedReport[];
  readonly nowMs: number;
}

/** Returns of how many something was not known here yet. Whoever is at work on the outbox of that day is waited for. */
export async function adoptReports(store: Store, day: UtcDay, adoption: Adoption): Promise<number> {
  if (adoption.reports.length === 0) return 0;
  return store.outboxes.changeInTurn(day, (outbox) => adopt(outbox, store.outboxes.read(day), { day, ...adoption }));
}

function adopt(
  outbox: Outbox,
  stored: OutboxContent | undefined,
  { day, reports, nowMs }: Adoption & { readonly day: UtcDay },
): number {
  const { reports: here = [], deliveries = [] } = stored ?? {};
  const known = new Set(here.map(({ reportId }) => reportId));
  const missing = reports.filter(({ reportId }) => !known.has(reportId));
  const revisionOf = revisionsAfter(here);
  outbox.adopt(
    missing.map((report) => ({
      report: toSave(report, { day, dueMs: nowMs, revision: revisionOf(report.policyDomain) }),
      results: resultsOf(report),
      due: dueLater(report, nowMs),
    })),
  );
  const waiting = new Set(deliveries.filter(isWaiting).map(keyOf));
  const ended = reports.map((report) => resultsOf(report).filter((result) => waiting.has(keyOf(result))));
  outbox.noteResults(ended.flat());
  return missing.length + ended.filter((results) => results.length > 0).length;
}

/** Those that follow on what there is about each domain. */
function revisionsAfter(here: readonly { readonly policyDomain: string }[]): (policyDomain: string) => number {
  const counts = new Map<string, number>();
  const next = (policyDomain: string): number => {
    const revision = counts.get(policyDomain) ?? 0;
    counts.set(policyDomain, revision + 1);
    return revision;
  };
  for (const { policyDomain } of here) next(policyDomain);
  return next;
}

function toSave(
  { policyDomain, reportId, submitter, uniqueId, document, policies, deliveries }: AdoptedReport,
  { day, dueMs, revision }: { readonly day: UtcDay; readonly dueMs: number; readonly revision: number },
): ReportToSave {
  const counts = formatReportedCounts(reportedPolicies(policyDomain, policies)); // as our own reports count them
  return {
    outgoing: {
      reportId,
      policyDomain,
      submitterDomain: submitterDomain(submitter),
      fileName: reportFileName({ submitter, day, policyDomain, uniqueId }),
      document,
      summary: reportSummary({ submitter, day, reportId, policyDomain, policies }),
    },
    destinations: deliveries.map(({ destination }) => destination),
    reported: { subject: adoptedSubject(policyDomain), revision, counts, lookedUpRecord: undefined },
    dueMs,
  };
}

/** One that is further away than the other program would have waited was noted by a clock that was ahead. */
function dueLater({ deliveries }: AdoptedReport, nowMs: number): readonly DueDelivery[] {
  return deliveries.flatMap(({ destination, state, dueMs }) =>
    state === 'queued' && dueMs !== undefined && dueMs > nowMs && dueMs <= nowMs + LONGEST_WAIT_MS
      ? [{ destination, dueMs }]
      : [],
  );
}

function keyOf({ reportId, destination }: Pick<Delivery, 'reportId' | 'destination'>): string {
  return JSON.stringify([reportId, destination]);
}

/** What waits begins anew, with the 24 hours of RFC 8460 5.5 before it. */
function resultsOf({ reportId, deliveries }: AdoptedReport): DeliveryResult[] {
  return deliveries
    .filter(({ state }) => state !== 'queued')
    .map((delivery) => ({ reportId, ...delivery, firstAttemptMs: undefined, nextAttemptMs: undefined }));
}
