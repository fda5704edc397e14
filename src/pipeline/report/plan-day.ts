/**
 * Plans the reports about one day, domain by domain: on those that mail was sent to, and on MX hosts with TLSA records.
 *
 * A host that is a recipient domain too comes out once, with both, so all that goes to the same addresses is one report. A domain with which
 * there were sessions comes out also when no report is planned on it, so that one which an earlier run built can be taken back.
 * Problems: report-withheld, and those of plan-reports.ts and domain-wall.ts.
 */
import { reportWithheld } from '#events/report-events.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { Withheld } from '#store/outbox-entries.ts';
import { mergeOrdered } from '#support/merge-ordered.ts';
import type { DayRecords } from './day-records.ts';
import type { DaySessions, DomainSessions, HostSessions } from './day-sessions.ts';
import { withinDomain } from './domain-wall.ts';
import type { DomainFailed } from './domain-wall.ts';
import type { RecordAnswer } from './look-up-records.ts';
import { planHostReport } from './plan-host-report.ts';
import { mergePlans, planReports } from './plan-reports.ts';
import type { PlannedReport, PlanOptions } from './plan-reports.ts';
import type { Survey } from './survey-day.ts';

export interface PlannedDomain {
  readonly policyDomain: string;
  readonly plans: readonly PlannedReport[];
  /** Why there may be a report missing. */
  readonly withheld: Withheld | undefined;
}

export interface DayPlanOptions extends PlanOptions, Pick<Survey, 'recipients' | 'hostRecipients'> {
  readonly records: DayRecords;
  /** Whether operators of MX hosts with TLSA records get reports of their own. */
  readonly mxHosts: boolean;
  /** As in loop-guard.ts; none at all without it. */
  readonly onlyReportMails: ReadonlySet<string>;
  readonly isRequested: (policyDomain: string) => boolean;
  readonly domainFailed: DomainFailed;
}

/** What was seen of one name: of the domain that mail was sent to, of the MX host with TLSA records, or of both. */
interface SeenName {
  readonly name: string;
  readonly recipient?: DomainSessions;
  readonly host?: HostSessions;
}

export function* planDay(sessions: DaySessions, options: DayPlanOptions): Generator<PlannedDomain> {
  for (const seen of withSettledRecords(sessions, options)) {
    if (options.isRequested(seen.name)) yield planWithinWall(seen, options);
  }
}

/** What is reported of a host depends on the records of all domains whose mail went there, so hosts come last. */
function* withSettledRecords(
  sessions: DaySessions,
  { records, recipients, hostRecipients }: DayPlanOptions,
): Generator<SeenName> {
  for (const recipient of sessions.domains()) {
    records.settle(recipient);
    if (!hostRecipients.has(recipient.domain)) yield { name: recipient.domain, recipient };
  }
  for (const seen of hostsOf(sessions, [...hostRecipients]))
    if (seen.recipient || !recipients.has(seen.name)) yield seen;
}

function* hostsOf(sessions: DaySessions, hostRecipients: readonly string[]): Generator<SeenName> {
  const streams = [recipientsIn(sessions.domains(hostRecipients)), hostsIn(sessions.mxHosts())];
  for (const { key: name, values } of mergeOrdered(streams, ({ name: ofOne }) => ofOne))
    yield values.reduce((all, one) => ({ ...all, ...one }), { name });
}

function* recipientsIn(recipients: Iterable<DomainSessions>): Generator<SeenName> {
  for (const recipient of recipients) yield { name: recipient.domain, recipient };
}

function* hostsIn(hosts: Iterable<HostSessions>): Generator<SeenName> {
  for (const host of hosts) yield { name: host.host, host };
}

function planWithinWall(seen: SeenName, options: DayPlanOptions): PlannedDomain {
  const { name: policyDomain, recipient, host } = seen;
  return withinDomain(
    {
      policyDomain,
      build: () => (recipient ? planRecipient(recipient, host, options) : planHost(policyDomain, host, options)),
      withhold: (withheld) => ({ policyDomain, plans: [], withheld }),
    },
    options.domainFailed,
  );
}

function planRecipient(
  recipient: DomainSessions,
  host: HostSessions | undefined,
  options: DayPlanOptions,
): PlannedDomain {
  const { domain: policyDomain } = recipient;
  const answer = options.records.settle(recipient);
  if (options.onlyReportMails.has(policyDomain)) {
    options.log(reportWithheld(policyDomain));
    return { policyDomain, plans: hostPlans(host, answer, options), withheld: { why: 'only-report-mails' } };
  }
  const own = planReports(recipient, answer, options);
  // What there is to say about its record was said of its own sessions.
  const asHost = hostPlans(host, answer, { ...options, log: () => undefined });
  return {
    policyDomain,
    plans: mergePlans([...own, ...asHost]),
    withheld: isUnknownFor(recipient, answer) ? { why: 'record-unknown' } : undefined,
  };
}

function isUnknownFor({ domain, tallies }: DomainSessions, answer: RecordAnswer): boolean {
  return answer.kind === 'unknown' && isUsableDomain(domain) && tallies.some(({ record }) => record === undefined);
}

function planHost(policyDomain: string, host: HostSessions | undefined, options: DayPlanOptions): PlannedDomain {
  const answer = options.records.ofHost(policyDomain);
  const isUnknown = options.mxHosts && answer.kind === 'unknown';
  return {
    policyDomain,
    plans: hostPlans(host, answer, options),
    withheld: isUnknown ? { why: 'record-unknown' } : undefined,
  };
}

function hostPlans(host: HostSessions | undefined, answer: RecordAnswer, options: DayPlanOptions): PlannedReport[] {
  return host && options.mxHosts ? planHostReport(host, { ...options, answer }) : [];
}
