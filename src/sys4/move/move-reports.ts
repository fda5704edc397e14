/**
 * The reports that sys4's tlsrpt-reportd built, in the form in which ours takes them over.
 *
 * Left to ours are those by which nothing was reported and nothing will be: they have no destination, as sys4 could not read the record, or wait
 * under a report-id that no mail can carry (RFC 8460 5.3). What they are about is built anew then.
 */
import type { AdoptedDelivery, AdoptedReport } from '#pipeline/report/adopt-reports.ts';
import { canonicalDomain, isAscii } from '#tlsrpt/domain-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { isPolicyDomain } from '../sys4-tally.ts';
import { readBuiltReport } from './read-built-report.ts';
import type { ReportdDatabase, ReportdDelivery, ReportdReport } from './reportd-database.ts';

export interface MovedReports {
  readonly reports: readonly AdoptedReport[];
  /** How many are left to our own report. */
  readonly toBuildAnew: number;
  /** The domains of reports that cannot be read, or have the report-id of another one. */
  readonly unreadable: readonly string[];
  /** What else stands there as a domain. Of such names nothing is reported here. */
  readonly unusable: readonly string[];
}

export function reportsOf(database: ReportdDatabase, day: UtcDay): MovedReports {
  const all = database.reports(day);
  const usable = all.filter(({ domain }) => isPolicyDomain(domain));
  const addressed = usable.filter(({ deliveries }) => deliveries.length > 0);
  const read = addressed.map((report) => ({ domain: report.domain, adopted: adopted(report) }));
  const reports = read.map((one) => one.adopted).filter((report) => report !== undefined);
  const first = new Map([...reports].reverse().map((report) => [report.reportId, report]));
  const isAdopted = (report: AdoptedReport | undefined): boolean =>
    report !== undefined && first.get(report.reportId) === report;
  const kept = [...first.values()].reverse().filter((report) => !isUnsendable(report));
  return {
    reports: kept.map(withoutMail),
    toBuildAnew: usable.length - addressed.length + first.size - kept.length,
    unreadable: read.filter((one) => !isAdopted(one.adopted)).map(({ domain }) => domain),
    unusable: all.filter((report) => !usable.includes(report)).map(({ domain }) => domain),
  };
}

/** It waits for mail servers, was handed over to nobody, and cannot be. */
function isUnsendable({ reportId, deliveries }: AdoptedReport): boolean {
  return !isAscii(reportId) && deliveries.every(({ state, destination }) => state === 'queued' && isMail(destination));
}

function isMail(destination: string): boolean {
  return /^mailto:/i.test(destination);
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

/** What waits under a report-id that no mail can carry, and has gone to others under that. */
function withoutMail(report: AdoptedReport): AdoptedReport {
  if (isAscii(report.reportId)) return report;
  const deliveries = report.deliveries.map((delivery): AdoptedDelivery => {
    const { destination, attempts, state } = delivery;
    if (state !== 'queued' || !isMail(destination)) return delivery;
    return {
      destination,
      attempts,
      state: 'refused',
      lastResult: 'no mail can carry the report-id, which is not ASCII',
    };
  });
  return { ...report, deliveries };
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
