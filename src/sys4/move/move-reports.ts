/**
 * The reports that sys4's tlsrpt-reportd built, in the form in which ours takes them over.
 *
 * One that cannot be read is left out and named: what it reported would be reported again.
 */
import type { AdoptedDelivery, AdoptedReport } from '#pipeline/report/adopt-reports.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { readBuiltReport } from './read-built-report.ts';
import type { ReportdDatabase, ReportdDelivery, ReportdReport } from './reportd-database.ts';

export interface MovedReports {
  readonly reports: readonly AdoptedReport[];
  /** The domains of reports that cannot be read. */
  readonly unreadable: readonly string[];
}

export function reportsOf(database: ReportdDatabase, day: UtcDay): MovedReports {
  const read = database.reports(day).map((report) => ({ domain: report.domain, adopted: adopted(report) }));
  return {
    reports: read.map((one) => one.adopted).filter((report) => report !== undefined),
    unreadable: read.filter((one) => one.adopted === undefined).map(({ domain }) => domain),
  };
}

function adopted({ domain, number, document, deliveries }: ReportdReport): AdoptedReport | undefined {
  const policyDomain = canonicalDomain(domain);
  const built = readBuiltReport(document, policyDomain);
  if (!built) return undefined;
  return {
    ...built,
    policyDomain,
    uniqueId: String(number).padStart(3, '0'),
    document,
    deliveries: deliveries.map(adoptedDelivery),
  };
}

function adoptedDelivery({ destination, status, retries, nextTry }: ReportdDelivery): AdoptedDelivery {
  switch (status) {
    case undefined:
      return { destination, state: 'queued', attempts: 0, lastResult: '', dueMs: timeIn(nextTry) };
    case 'sent':
      return { destination, state: 'delivered', attempts: retries + 1, lastResult: 'delivered by tlsrpt-reportd' };
    case 'timedout':
      return { destination, state: 'expired', attempts: retries + 1, lastResult: 'tlsrpt-reportd gave up' };
    default:
      return { destination, state: 'refused', attempts: retries + 1, lastResult: `tlsrpt-reportd: ${status}` };
  }
}

/** Of Python's datetime as text; undefined when it is none. */
function timeIn(text: string): number | undefined {
  const [, day, time, zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const timeMs = Date.parse(`${day ?? ''}T${time ?? ''}${zone}`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
