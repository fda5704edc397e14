/**
 * The name under which a report travels (RFC 8460 5.1): `submitter!policy-domain!begin!end!unique-id.json.gz`.
 */
import type { ReportSubject } from './report.ts';
import { submitterDomain } from './submitter.ts';
import { endOfDayMs, startOfDayMs } from './utc-day.ts';

export function reportFileName({ submitter, day, policyDomain, uniqueId }: ReportSubject): string {
  const [begin, end] = [startOfDayMs(day) / 1000, endOfDayMs(day) / 1000 - 1];
  return `${submitterDomain(submitter)}!${policyDomain}!${String(begin)}!${String(end)}!${uniqueId}.json.gz`;
}
