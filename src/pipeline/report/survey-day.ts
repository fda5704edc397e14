/**
 * Finds out which domains took part in a day, and whose TLSRPT records are still to be looked up for its reports.
 *
 * Those are the recipient domains of which no MTA passed a record on, and the MX hosts with TLSA records that are no recipient domains
 * themselves: results under a tlsa policy belong to the operator of the host as well (RFC 8460 1.1, policy domain of DANE).
 */
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { DaySessions } from './day-sessions.ts';

export interface SurveyOptions {
  readonly mxHosts: boolean;
  readonly isRequested: (policyDomain: string) => boolean;
}

export interface Survey {
  /** All domains that mail was sent to. */
  readonly recipients: ReadonlySet<string>;
  /** Those of them whose own report is also about mail to other domains, since they are MX hosts with TLSA records. */
  readonly hostRecipients: ReadonlySet<string>;
  readonly toLookUp: ReadonlySet<string>;
}

export function surveyDay(sessions: DaySessions, { mxHosts, isRequested }: SurveyOptions): Survey {
  const recipients = new Set<string>();
  const withoutRecord = new Set<string>();
  for (const { domain, hasRecord } of sessions.recipients()) {
    recipients.add(domain);
    if (!hasRecord) withoutRecord.add(domain);
  }
  const toLookUp = new Set([...withoutRecord].filter(isRequested));
  const hostRecipients = new Set<string>();
  for (const { host, domain } of mxHosts ? sessions.tlsaDomains() : []) {
    if (!isRequested(host)) continue;
    if (recipients.has(host)) hostRecipients.add(host);
    else toLookUp.add(host);
    // Whether it has the same reporting addresses as the host decides who gets the report.
    if (withoutRecord.has(domain)) toLookUp.add(domain);
  }
  return { recipients, hostRecipients, toLookUp: new Set([...toLookUp].filter(isUsableDomain)) };
}
