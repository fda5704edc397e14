/**
 * Keeps reports from begetting reports: each mail with a report is a session with the domain of its address, which would be reported on
 * the next day, in a mail (RFC 8460 3: such sessions should not be reported on).
 *
 * The datagrams do not say which sessions they were, so the whole day is looked at: when all sessions with a domain succeeded
 * and were no more than the report mails that were delivered that day to addresses in that domain, there is nothing to report.
 */
import type { Store } from '#store/store.ts';
import { readReportingAddress } from '#tlsrpt/reporting-address.ts';
import type { PolicyType } from '#tlsrpt/policy-type.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DomainSessions } from './day-sessions.ts';

export interface ReportMailOptions {
  readonly store: Store;
  readonly day: UtcDay;
}

/** How many mails with reports, on whatever day and domain, were delivered on `day` to addresses in each domain. */
export function reportMailsOn({ store, day }: ReportMailOptions): Map<string, number> {
  const mails = new Map<string, number>();
  for (const destination of store.outboxes.deliveredOn(day)) {
    const domain = mailDomainOf(destination);
    if (domain !== undefined) mails.set(domain, (mails.get(domain) ?? 0) + 1);
  }
  return mails;
}

export function isOnlyReportMails({ tallies }: DomainSessions, mails: number): boolean {
  if (mails === 0) return false;
  const policies = tallies.flatMap(({ policies: seen }) => seen);
  return policies.every(({ failed }) => failed === 0) && sessionsIn(policies) <= mails;
}

/** At least so many: a session may have been held against policies of several types at once, but never against one and none. */
function sessionsIn(policies: readonly PolicyTally[]): number {
  const byType = new Map<PolicyType, number>();
  for (const { policy, successful } of policies) byType.set(policy.type, (byType.get(policy.type) ?? 0) + successful);
  const withoutPolicy = byType.get('no-policy-found') ?? 0;
  byType.delete('no-policy-found');
  return [...byType.values()].reduce((most, sessions) => Math.max(most, sessions), 0) + withoutPolicy;
}

function mailDomainOf(destination: string): string | undefined {
  const reading = readReportingAddress(destination);
  return reading.kind === 'address' && reading.address.scheme === 'mailto' ? reading.address.host : undefined;
}
