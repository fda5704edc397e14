/**
 * The database of sys4's tlsrpt-reportd, and the reports in it, written from the description of their form alone.
 */
import initSqlJs from 'sql.js';
import { resultTypeOf } from '#tlsrpt/result-type.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Sys4Count, Sys4Tally } from './sys4.ts';

export interface BuiltReport {
  readonly day: UtcDay;
  readonly domain: string;
  readonly document: string;
  /** By destination: `sent`, `timedout`; null while it waits. */
  readonly deliveries: Readonly<Record<string, string | null>>;
  /** When the deliveries are tried next. */
  readonly nextTry?: string;
}

/** What it has from a fetcher about a day. */
export interface FetchedDomains {
  readonly day: UtcDay;
  readonly fetcher: string;
  readonly domains: readonly string[];
}

const POLICY_TYPES: Readonly<Record<string, string>> = { 1: 'tlsa', 2: 'sts', 9: 'no-policy-found' };
const LONG_NAMES: Readonly<Record<string, string>> = {
  a: 'additional-information',
  f: 'failure-reason-code',
  h: 'receiving-mx-helo',
  n: 'receiving-mx-hostname',
  r: 'receiving-ip',
  s: 'sending-mta-ip',
};

/** What reportd makes of what a collector counted of one domain. */
export function sys4Report(tally: Sys4Tally, domain: string, day: UtcDay): string {
  const records = [...(tally.get(domain)?.values() ?? [])];
  return JSON.stringify({
    'organization-name': 'Sender',
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': 'tls@sender.example',
    policies: records.flatMap((counts) => [...counts].map(([policy, count]) => policyOf(policy, count))),
    'report-id': `${day}_idx1_${domain}@sender.example`,
  });
}

/** Whether the report with that report-id is one of those. */
export function isOfSys4(reportId: string): boolean {
  return reportId.includes('_idx1_');
}

export async function reportdDatabase(
  reports: readonly BuiltReport[],
  fetched: readonly FetchedDomains[] = [],
): Promise<Uint8Array> {
  const { Database } = await initSqlJs();
  const database = new Database();
  database.run(`
    CREATE TABLE fetchjobs (day, fetcherindex, fetcher, retries, status, nexttry);
    CREATE TABLE reportdata (day, domain, data, fetcherindex, fetcher, retries, status, nexttry);
    CREATE TABLE reports (r_id INTEGER PRIMARY KEY, day, domain, uniqid, report);
    CREATE TABLE destinations (destination, d_r_id, retries, status, nexttry);
    CREATE TABLE dbversion (version, installdate, purpose);
    INSERT INTO dbversion VALUES (1, '2026-01-01 00:00:00', 'TLSRPT-Reportd-DB-devel-2024-10-28')`);
  for (const [index, { day, domain, document, deliveries, nextTry = null }] of reports.entries()) {
    database.run('INSERT INTO reports VALUES (?, ?, ?, 1, ?)', [index + 1, day, domain, document]);
    for (const [destination, status] of Object.entries(deliveries))
      database.run('INSERT INTO destinations VALUES (?, ?, 0, ?, ?)', [destination, index + 1, status, nextTry]);
  }
  for (const { day, fetcher, domains } of fetched)
    for (const domain of domains)
      database.run("INSERT INTO reportdata VALUES (?, ?, '{}', 1, ?, 0, 'fetched', NULL)", [day, domain, fetcher]);
  const content = database.export();
  database.close();
  return content;
}

function policyOf(text: string, { cntrtotal, cntrfailure, failures }: Sys4Count): object {
  const policy = JSON.parse(text) as Record<string, unknown>;
  return {
    summary: { 'total-failure-session-count': cntrfailure, 'total-successful-session-count': cntrtotal - cntrfailure },
    policy: { ...policy, 'policy-type': POLICY_TYPES[String(policy['policy-type'])] },
    'failure-details': Object.entries(failures).map(([failure, sessions]) => failureOf(failure, sessions)),
  };
}

function failureOf(text: string, sessions: number): object {
  const { c, ...details } = JSON.parse(text) as Record<string, unknown>;
  const long: [string, unknown][] = Object.entries(details).map(([key, value]) => [LONG_NAMES[key] ?? key, value]);
  return { ...(Object.fromEntries(long) as object), 'result-type': resultTypeOf(c), 'failed-session-count': sessions };
}
