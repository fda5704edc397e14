/**
 * Plans the reports about one day, domain by domain: on those that mail was sent to, and on MX hosts with TLSA records.
 *
 * A host that is a recipient domain too comes out once, with both, so all that goes to the same addresses is one report. A domain with which
 * there were sessions comes out also when no report is planned on it, so that one which an earlier run built can be taken back.
 * Problems: report-withheld, and those of plan-reports.ts and domain-wall.ts.
 */
import { reportWithheld } from '#events/report-events.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { Withheld } from '#store/outbox/outbox-entries.ts';
import { groupConsecutive } from '#support/group-consecutive.ts';
import { mergeOrdered, pairKey } from '#support/merge-ordered.ts';
import type { DayRecords } from './day-records.ts';
import type { DaySessions, DomainSessions, HostSessions } from './day-sessions.ts';
import { withinDomain } from './domain-wall.ts';
import type { DomainFailed } from './domain-wall.ts';
import type { RecordAnswer } from './look-up-records.ts';
import { planHostReport } from './plan-host-report.ts';
import type { HostPlanOptions } from './plan-host-report.ts';
import { joinPlans, planReports } from './plan-reports.ts';
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
  readonly recipient?: DomainSessions | undefined;
  /** To be gone through before the next name; it may be about any number of domains. */
  readonly asHost: Iterable<HostSessions>;
}

/** Of a name that is both, the domain comes first. */
type SeenPart = { readonly recipient: DomainSessions } | { readonly host: HostSessions };

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
    if (!hostRecipients.has(recipient.domain)) yield { name: recipient.domain, recipient, asHost: [] };
  }
  for (const seen of hostsOf(sessions, [...hostRecipients]))
    if (seen.recipient || !recipients.has(seen.name)) yield seen;
}

function* hostsOf(sessions: DaySessions, hostRecipients: readonly string[]): Generator<SeenName> {
  const streams = [recipientsIn(sessions.domains(hostRecipients)), hostsIn(sessions.mxHosts())];
  for (const { key: name, values } of groupConsecutive(partsInOrder(streams), nameOf)) {
    const first = values.next();
    if (first.done === true) continue;
    yield 'recipient' in first.value
      ? { name, recipient: first.value.recipient, asHost: hostsAmong([], values) }
      : { name, asHost: hostsAmong([first.value], values) };
  }
}

function* recipientsIn(recipients: Iterable<DomainSessions>): Generator<SeenPart> {
  for (const recipient of recipients) yield { recipient };
}

function* hostsIn(hosts: Iterable<HostSessions>): Generator<SeenPart> {
  for (const host of hosts) yield { host };
}

function* partsInOrder(streams: readonly Iterable<SeenPart>[]): Generator<SeenPart> {
  const keyOf = (part: SeenPart): string =>
    'recipient' in part ? pairKey(part.recipient.domain) : pairKey(part.host.host, part.host.domain);
  for (const { values } of mergeOrdered(streams, keyOf)) yield* values;
}

function nameOf(part: SeenPart): string {
  return 'recipient' in part ? part.recipient.domain : part.host.host;
}

function* hostsAmong(...parts: readonly Iterable<SeenPart>[]): Generator<HostSessions> {
  for (const some of parts) for (const part of some) if ('host' in part) yield part.host;
}

function planWithinWall(seen: SeenName, options: DayPlanOptions): PlannedDomain {
  const { name: policyDomain } = seen;
  return withinDomain(
    {
      policyDomain,
      build: () => planName(seen, options),
      withhold: (withheld) => ({ policyDomain, plans: [], withheld }),
    },
    options.domainFailed,
  );
}

function planName({ name, recipient, asHost }: SeenName, options: DayPlanOptions): PlannedDomain {
  return recipient ? planRecipient(recipient, asHost, options) : planHost(name, asHost, options);
}

function planRecipient(
  recipient: DomainSessions,
  asHost: Iterable<HostSessions>,
  options: DayPlanOptions,
): PlannedDomain {
  const { domain: policyDomain } = recipient;
  const answer = options.records.settle(recipient);
  if (options.onlyReportMails.has(policyDomain)) {
    options.log(reportWithheld(policyDomain));
    const plans = hostPlans(policyDomain, asHost, { ...options, answer });
    return { policyDomain, plans, withheld: { why: 'only-report-mails' } };
  }
  const own = planReports(recipient, answer, options);
  // What there is to say about its record was said of its own sessions.
  const ofHost = hostPlans(policyDomain, asHost, { ...options, answer, log: () => undefined });
  return {
    policyDomain,
    plans: joinPlans([...own, ...ofHost]),
    withheld: isUnknownFor(recipient, answer) ? { why: 'record-unknown' } : undefined,
  };
}

function isUnknownFor({ domain, tallies }: DomainSessions, answer: RecordAnswer): boolean {
  return answer.kind === 'unknown' && isUsableDomain(domain) && tallies.some(({ record }) => record === undefined);
}

function planHost(policyDomain: string, asHost: Iterable<HostSessions>, options: DayPlanOptions): PlannedDomain {
  const answer = options.records.ofHost(policyDomain);
  const isUnknown = options.mxHosts && answer.kind === 'unknown';
  return {
    policyDomain,
    plans: hostPlans(policyDomain, asHost, { ...options, answer }),
    withheld: isUnknown ? { why: 'record-unknown' } : undefined,
  };
}

function hostPlans(
  host: string,
  sessions: Iterable<HostSessions>,
  options: DayPlanOptions & HostPlanOptions,
): PlannedReport[] {
  return options.mxHosts ? planHostReport(host, sessions, options) : [];
}
