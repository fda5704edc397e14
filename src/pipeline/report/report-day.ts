/**
 * Puts the reports about one UTC day into the outbox, each with a delivery to every address that asked for it.
 *
 * All of them in one transaction, so a crash leaves none or all. A second run changes nothing, except that a report which was not
 * handed over yet is replaced when more sessions have turned up; one that was handed over stays as it is, and the log says so.
 *
 * RFC 8460 4.1, 5. Problems: store-locked, store-damaged, disk-full, later-sessions-left-out.
 */
import { laterSessionsLeftOut, reportsBuilt } from '#events/report-events.ts';
import type { Log } from '#events/event.ts';
import { Outbox } from '#store/outbox.ts';
import type { BuiltReport, StoredReport } from '#store/outbox.ts';
import type { Clock } from '#support/clock.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import { buildReports } from './build-reports.ts';
import type { BuildOptions } from './build-reports.ts';

export interface ReportDayOptions extends BuildOptions {
  readonly clock: Clock;
  /** Days that lie further back than this are removed. Counted from the day itself, so an old one can be reported too. */
  readonly keepDays: number;
  /** Deliveries are due at a random moment within this time from now (RFC 8460 4.1). */
  readonly spreadMs: number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** Returns the reports of the day that the outbox holds afterwards, those built earlier included. */
export function reportDay(options: ReportDayOptions): StoredReport[] {
  const { state, sqlite, day, domains, keepDays, log } = options;
  state.removeDaysBefore(daysBefore(day, keepDays));
  const built = buildReports(options);
  if (built.length === 0 && !state.outboxDays().includes(day)) return [];
  const outbox = Outbox.open(sqlite, state.outboxStem(day), day);
  try {
    const changed = built.filter((report) => isNew(report, outbox.reportLike(report.outgoing.reportId), log));
    outbox.save(changed.map((report) => ({ ...report, dueMs: dueMs(options) })));
    const reports = [...outbox.reports()].filter(
      ({ outgoing }) => domains.length === 0 || domains.includes(outgoing.policyDomain),
    );
    if (changed.length > 0) {
      outbox.checkpoint();
      log(reportsBuilt(day, reports.length));
    }
    return reports;
  } finally {
    outbox.close();
  }
}

function isNew(built: BuiltReport, stored: StoredReport | undefined, log: Log): boolean {
  if (!stored) return true;
  if (isSame(stored, built)) return false;
  if (!stored.handedOver) return true;
  log(laterSessionsLeftOut(built.outgoing.policyDomain, built.outgoing.reportId));
  return false;
}

/** Who sends it may have been set anew since; that alone is no reason to report the same sessions twice. */
function isSame(stored: StoredReport, built: BuiltReport): boolean {
  const isTold = stored.handedOver && stored.outgoing.reportId !== built.outgoing.reportId;
  return isTold || stored.outgoing.document === built.outgoing.document;
}

function dueMs({ clock, spreadMs, random }: ReportDayOptions): number {
  return clock.nowMs() + Math.floor(random() * spreadMs);
}
