/**
 * The reports that sys4's tlsrpt-reportd built, in the form in which ours takes them over.
 *
 * Left to ours are those by which nothing was reported and nothing will be: they have no destination that sys4 knows, as it could not read the record
 * or a map gave something else, or wait for mail servers and no mail can carry them (RFC 8460 5.3). What they are about is built anew then.
 */
import type { AdoptedDelivery, AdoptedReport } from '#pipeline/report/adopt-reports.ts';
import { canonicalDomain, isAscii } from '#tlsrpt/domain-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { isPolicyDomain } from '../sys4-tally.ts';
import { NO_CONTACT, readBuiltReport } from './read-built-report.ts';
import type { ReportdDatabase, ReportdDelivery, ReportdReport } from './reportd-database.ts';

/** The status of what sys4 did not know how to deliver. */
const UNKNOWN_SCHEME = 'unknownrua';

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
  const addressed = usable.filter(({ deliveries }) => !deliveries.every(leadsNowhere));
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

/** Its scheme is one that neither program knows. */
function leadsNowhere({ destination, status }: ReportdDelivery): boolean {
  return status === UNKNOWN_SCHEME || (status === undefined && !/^(?:mailto|https|directory):/i.test(destination));
}

/** It waits for mail servers, was handed over to nobody, and cannot be. */
function isUnsendable(report: AdoptedReport): boolean {
  const isWaiting = ({ state, destination }: AdoptedDelivery): boolean => state === 'queued' && isMail(destination);
  return whyNoMail(report) !== undefined && report.deliveries.every(isWaiting);
}

function isMail(destination: string): boolean {
  return /^mailto:/i.test(destination);
}

/** Undefined for one that a mail can carry. */
function whyNoMail({ reportId, submitter }: AdoptedReport): string | undefined {
  if (!isAscii(reportId)) return 'no mail can carry the report-id, which is not ASCII';
  return submitter.contactInfo === NO_CONTACT
    ? 'no mail can name the submitter, whose contact has no domain'
    : undefined;
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

/** What waits and no mail can carry, and has gone to others. */
function withoutMail(report: AdoptedReport): AdoptedReport {
  const lastResult = whyNoMail(report);
  if (lastResult === undefined) return report;
  const deliveries = report.deliveries.map((delivery): AdoptedDelivery => {
    const { destination, attempts, state } = delivery;
    if (state !== 'queued' || !isMail(destination)) return delivery;
    return { destination, attempts, state: 'refused', lastResult };
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
