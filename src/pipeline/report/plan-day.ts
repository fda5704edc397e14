/**
 * Plans the reports about one day, domain by domain: first on those that mail was sent to, then on MX hosts with TLSA records.
 *
 * A domain with which there were sessions comes out also when no report is planned on it, so that one which an earlier run built can be
 * taken back. Problems: report-withheld, and those of plan-reports.ts.
 */
import { reportWithheld } from '#events/report-events.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { Withheld } from '#store/outbox.ts';
import type { DayRecords } from './day-records.ts';
import type { DaySessions, DomainSessions, HostSessions } from './day-sessions.ts';
import type { RecordAnswer } from './look-up-records.ts';
import { withinDomain } from './domain-wall.ts';
import type { DomainFailed } from './domain-wall.ts';
import { isOnlyReportMails } from './loop-guard.ts';
import { planHostReport } from './plan-host-report.ts';
import { planReports } from './plan-reports.ts';
import type { PlannedReport, PlanOptions } from './plan-reports.ts';

export interface PlannedDomain {
  readonly policyDomain: string;
  readonly plans: readonly PlannedReport[];
  /** Why there may be a report missing. */
  readonly withheld: Withheld | undefined;
}

export interface DayPlanOptions extends PlanOptions {
  readonly records: DayRecords;
  readonly recipients: ReadonlySet<string>;
  /** Whether operators of MX hosts with TLSA records get reports of their own. */
  readonly mxHosts: boolean;
  /** How many report mails were delivered on the day to addresses in a domain; none at all without the loop guard. */
  readonly reportMailsTo: (domain: string) => number;
  readonly isRequested: (policyDomain: string) => boolean;
  readonly domainFailed: DomainFailed;
}

/** Domains that mail was sent to for the sake of reports alone, with their record; as MX hosts they are treated like any other. */
type OnlyReportMails = Map<string, RecordAnswer>;

export function* planDay(sessions: DaySessions, options: DayPlanOptions): Generator<PlannedDomain> {
  const withheld: OnlyReportMails = new Map();
  for (const seen of sessions.domains()) {
    const answer = options.records.settle(seen);
    if (isOnlyReportMails(seen, options.reportMailsTo(seen.domain))) withheld.set(seen.domain, answer);
    else if (options.isRequested(seen.domain))
      yield walled(seen.domain, () => planDomain(seen, answer, options), options);
  }
  for (const seen of sessions.mxHosts()) {
    const isRecipient = options.recipients.has(seen.host) && !withheld.has(seen.host);
    if (!isRecipient && options.isRequested(seen.host))
      yield walled(seen.host, () => planHost(seen, withheld, options), options);
  }
  for (const policyDomain of withheld.keys()) {
    if (options.isRequested(policyDomain)) yield withhold({ policyDomain, plans: [] }, options);
  }
}

function walled(policyDomain: string, build: () => PlannedDomain, { domainFailed }: DayPlanOptions): PlannedDomain {
  const withhold = (withheld: Withheld): PlannedDomain => ({ policyDomain, plans: [], withheld });
  return withinDomain({ policyDomain, build, withhold }, domainFailed);
}

function planDomain(seen: DomainSessions, missing: RecordAnswer, options: PlanOptions): PlannedDomain {
  const isAskedFor = isUsableDomain(seen.domain) && seen.tallies.some(({ record }) => record === undefined);
  const isUnknown = missing.kind === 'unknown' && isAskedFor;
  return {
    policyDomain: seen.domain,
    plans: planReports(seen, missing, options),
    withheld: isUnknown ? { why: 'record-unknown' } : undefined,
  };
}

function planHost(seen: HostSessions, withheld: OnlyReportMails, options: DayPlanOptions): PlannedDomain {
  const { mxHosts, records } = options;
  const ownAnswer = withheld.get(seen.host);
  const answer = ownAnswer ?? records.ofHost(seen.host);
  const plans = mxHosts ? planHostReport(seen, { ...options, answer }) : [];
  const isUnknown = mxHosts && answer.kind === 'unknown';
  const planned = { policyDomain: seen.host, plans };
  if (ownAnswer && withheld.delete(seen.host)) return withhold(planned, options);
  return { ...planned, withheld: isUnknown ? { why: 'record-unknown' } : undefined };
}

function withhold(planned: Omit<PlannedDomain, 'withheld'>, { log }: PlanOptions): PlannedDomain {
  log(reportWithheld(planned.policyDomain));
  return { ...planned, withheld: { why: 'only-report-mails' } };
}
