/**
 * Decides which reports a domain gets: one for each set of reporting addresses that its records named during the day.
 *
 * Records that differ only in form ask for the same and give one report.
 * Problems: no-reporting-address, reporting-address-unusable, policy-domain-unusable, record-absent, record-unknown.
 */
import {
  noReportingAddress,
  policyDomainUnusable,
  recordAbsent,
  recordUnknown,
  reportingAddressUnusable,
} from '#events/report-events.ts';
import type { Log } from '#events/event.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';
import type { DomainSessions } from './day-sessions.ts';
import type { RecordAnswer } from './look-up-records.ts';
import type { DestinationMaps } from './map-destinations.ts';
import { mappedDestinations } from './mapped-destinations.ts';
import { uniqueIdOf } from './unique-id.ts';
import type { ReportOrigin } from './unique-id.ts';

export interface PlannedReport {
  readonly policyDomain: string;
  /** As in unique-id.ts: the same whenever the same addresses ask. */
  readonly uniqueId: string;
  readonly destinations: readonly Destination[];
  /**
   * What was seen, in parts that have no policy in common, so that a report is built from any number of them in little memory. To be gone
   * through once, before the next domain is planned.
   */
  readonly parts: Iterable<readonly PolicyTally[]>;
  /** The record, where no MTA passed it on. */
  readonly lookedUpRecord: string | undefined;
}

export interface PlanOptions extends ReportOrigin {
  /** Where the administrator wants reports to go instead; undefined: where the records say. */
  readonly maps: DestinationMaps | undefined;
  readonly log: Log;
}

/** `missing` is the record of those sessions that came without one. */
export function planReports(
  { domain, tallies }: DomainSessions,
  missing: RecordAnswer,
  options: PlanOptions,
): PlannedReport[] {
  if (!isUsableDomain(domain)) {
    options.log(policyDomainUnusable(domain));
    return [];
  }
  const isPassedOn = tallies.some(({ record }) => record !== undefined);
  const plans = new Map<string, Omit<PlannedReport, 'parts'> & { readonly policies: readonly PolicyTally[] }>();
  for (const [answer, policies] of policiesByRecord(tallies, missing)) {
    const destinations = destinationsFor(domain, answer, options);
    if (destinations.length === 0) continue;
    const uniqueId = uniqueIdOf(domain, destinations, options);
    const lookedUpRecord = isPassedOn || answer.kind !== 'record' ? undefined : answer.record;
    const same = plans.get(uniqueId) ?? { policyDomain: domain, uniqueId, destinations, policies: [], lookedUpRecord };
    plans.set(uniqueId, { ...same, policies: [...same.policies, ...policies] });
  }
  return [...plans.values()].map(({ policies, ...plan }) => ({ ...plan, parts: [policies] }));
}

/** What goes about one name to the same destinations is one report; for plans that have no policy in common. */
export function joinPlans(plans: readonly PlannedReport[]): PlannedReport[] {
  const joined = new Map<string, PlannedReport>();
  for (const plan of plans) {
    const same = joined.get(plan.uniqueId);
    joined.set(plan.uniqueId, same ? { ...same, parts: inTurn(same.parts, plan.parts) } : plan);
  }
  return [...joined.values()];
}

function* inTurn<T>(...streams: readonly Iterable<T>[]): Generator<T> {
  for (const stream of streams) yield* stream;
}

/** In the order of the records, so that it does not matter which host saw what; what is odd about a record is logged once. */
function policiesByRecord(tallies: DomainSessions['tallies'], missing: RecordAnswer): [RecordAnswer, PolicyTally[]][] {
  const byRecord = new Map<string, [RecordAnswer, PolicyTally[]]>();
  for (const { record, policies } of tallies) {
    const answer: RecordAnswer = record === undefined ? missing : { kind: 'record', record };
    const key = answer.kind === 'record' ? answer.record : '';
    const [, others = []] = byRecord.get(key) ?? [];
    byRecord.set(key, [answer, [...others, ...policies.map(asReported)]]);
  }
  return [...byRecord].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** RFC 8460 4.4 knows MX patterns of sts alone. */
function asReported(tally: PolicyTally): PolicyTally {
  const { policy } = tally;
  return policy.type === 'tlsa' && policy.mxHosts.length > 0 ? { ...tally, policy: { ...policy, mxHosts: [] } } : tally;
}

/** Where a report goes whose record is `answer`. When it goes nowhere there is none, and the reason is logged. What is unknown waits. */
export function destinationsFor(
  domain: string,
  answer: RecordAnswer,
  { maps, log }: PlanOptions,
): readonly Destination[] {
  if (answer.kind !== 'unknown')
    return mappedDestinations(maps, domain, log, (tell) => addressesIn(domain, answer, tell));
  log(recordUnknown(domain, answer.why));
  return [];
}

function addressesIn(
  domain: string,
  answer: Exclude<RecordAnswer, { kind: 'unknown' }>,
  log: Log,
): readonly ReportingAddress[] {
  if (answer.kind === 'absent') {
    log(recordAbsent(domain, answer.why));
    return [];
  }
  const reading = readTlsrptRecord(answer.record);
  if (reading.kind === 'invalid') {
    log(noReportingAddress(domain, reading.why));
    return [];
  }
  for (const { uri, why } of reading.record.unusable) log(reportingAddressUnusable(domain, uri, why));
  return reading.record.addresses;
}
