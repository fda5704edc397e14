/**
 * Keeps reports from begetting reports: each mail with a report is a session with the domain of its address, which would be reported on
 * the next day, in a mail (RFC 8460 3: such sessions should not be reported on).
 *
 * The datagrams do not say which sessions they were, so whole days are looked at: when all sessions with a domain succeeded and were no more
 * than the report mails that were delivered to addresses in that domain, they may have been nothing else. As several mails may have been
 * one session, real ones could hide behind them; so there is a report unless it was so on the day before as well. A loop goes on day
 * after day and ends there, whereas traffic that once was no more than the report mails is reported.
 */
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { readReportingAddress } from '#tlsrpt/reporting-address.ts';
import type { PolicyType } from '#tlsrpt/policy-type.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import { previousDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DaySessions } from './day-sessions.ts';
import type { DayOptions, DomainSessions } from './day-sessions.ts';

export interface ReportMailOptions {
  readonly store: Store;
  readonly day: UtcDay;
  /** The mailbox that gets a copy of every mail; undefined when none does. */
  readonly copyTo: string | undefined;
}

/** The domains with which there was nothing but report mails, on the day of `sessions` and on the one before. */
export function onlyReportMails(sessions: DaySessions, options: DayOptions & ReportMailOptions): ReadonlySet<string> {
  const before = { ...options, day: previousDay(options.day), log: (): void => undefined };
  const [mails, mailsBefore] = [reportMailsOn(options), reportMailsOn(before)];
  const candidates = [...mails.keys()].filter((domain) => mailsBefore.has(domain));
  const onTheDay = onlyReportMailsAmong(candidates, sessions, mails);
  if (onTheDay.length === 0) return new Set();
  // A day that cannot be read is none of which anything is known.
  const found = containProblem(
    () => onDayOf(before, (earlier) => onlyReportMailsAmong(onTheDay, earlier, mailsBefore)),
    () => undefined,
  );
  return new Set(found);
}

/** How many mails with reports, on whatever day and domain, were delivered on `day` to addresses in each domain, copies among them. */
export function reportMailsOn({ store, day, copyTo }: ReportMailOptions): Map<string, number> {
  const mails = new Map<string, number>();
  const count = (domain: string): unknown => mails.set(domain, (mails.get(domain) ?? 0) + 1);
  const copiedTo = copyTo === undefined ? undefined : canonicalDomain(copyTo.slice(copyTo.lastIndexOf('@') + 1));
  for (const destination of store.outboxes.deliveredOn(day)) {
    const domain = mailDomainOf(destination);
    if (domain === undefined) continue;
    count(domain);
    if (copiedTo !== undefined) count(copiedTo);
  }
  return mails;
}

export function isOnlyReportMails({ tallies }: DomainSessions, mails: number): boolean {
  if (mails === 0) return false;
  const policies = tallies.flatMap(({ policies: seen }) => seen);
  return policies.every(({ failed }) => failed === 0) && sessionsIn(policies) <= mails;
}

function onlyReportMailsAmong(
  domains: readonly string[],
  sessions: DaySessions,
  mails: ReadonlyMap<string, number>,
): string[] {
  const found: string[] = [];
  for (const seen of domains.length === 0 ? [] : sessions.domains(domains))
    if (isOnlyReportMails(seen, mails.get(seen.domain) ?? 0)) found.push(seen.domain);
  return found;
}

function onDayOf<T>(options: DayOptions, use: (sessions: DaySessions) => T): T {
  const sessions = DaySessions.open(options);
  try {
    return use(sessions);
  } finally {
    sessions.close();
  }
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
