/**
 * Decides what is reported to the operator of an MX host with TLSA records: the results of all domains whose mail went there.
 *
 * Each of them is an entry of its own, under the name of the domain and with the host as its mx-host; they go into the report on the host
 * as a recipient domain where it is one and the addresses are the same. A domain whose own report goes
 * to the very same addresses is left out: its operator knows already. So is, for now, one of which nobody knows where its report goes.
 *
 * RFC 8460 1.1: the policy domain of DANE is the TLSA base domain of the MX host.
 */
import { recordAbsent } from '#events/report-events.ts';
import { nonEmpty } from '#support/non-empty.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { reportingAddressKey } from '#tlsrpt/reporting-address.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';
import type { DayRecords } from './day-records.ts';
import type { HostSessions } from './day-sessions.ts';
import type { RecordAnswer } from './look-up-records.ts';
import { destinationsFor } from './plan-reports.ts';
import type { PlannedReport, PlanOptions } from './plan-reports.ts';
import { uniqueIdOf } from './unique-id.ts';

export interface HostPlanOptions extends PlanOptions {
  /** The record of the host itself. */
  readonly answer: RecordAnswer;
  readonly records: DayRecords;
}

/** `sessions` are gone through once, when the report is built. */
export function planHostReport(
  host: string,
  sessions: Iterable<HostSessions>,
  options: HostPlanOptions,
): PlannedReport[] {
  const { answer, log } = options;
  const seen = nonEmpty(sessions); // hardly any name is that of a host
  if (!seen || !isUsableDomain(host)) return [];
  if (answer.kind === 'absent') {
    log(recordAbsent(host, answer.why));
    return [];
  }
  const destinations = destinationsFor(host, answer, options);
  if (destinations.length === 0 || answer.kind !== 'record') return [];
  const parts = nonEmpty(hostEntries(host, seen, options));
  if (!parts) return [];
  const uniqueId = uniqueIdOf(host, destinations, options);
  return [{ policyDomain: host, uniqueId, destinations, parts, lookedUpRecord: answer.record }];
}

/** Those of one domain after those of the other. */
function* hostEntries(
  host: string,
  sessions: Iterable<HostSessions>,
  { answer, records }: HostPlanOptions,
): Generator<readonly PolicyTally[]> {
  const mxHosts = [host];
  const ofHost = addressKeysOf(answer);
  for (const { domain, tallies } of sessions) {
    if (domain === host) continue;
    const entries = tallies
      .filter(({ record }) => isForOthers(records.of(domain, record), ofHost))
      .map(({ tally }): PolicyTally => ({ ...tally, policy: { ...tally.policy, domain, mxHosts } }));
    if (entries.length > 0) yield entries;
  }
}

/** True when the domain with that record does not report to the very same addresses as the host. */
function isForOthers(ofDomain: RecordAnswer, ofHost: string | undefined): boolean {
  const addresses = addressKeysOf(ofDomain);
  return ofDomain.kind !== 'unknown' && (addresses === undefined || addresses !== ofHost);
}

/** Undefined when there are none. */
function addressKeysOf(answer: RecordAnswer): string | undefined {
  const reading = answer.kind === 'record' ? readTlsrptRecord(answer.record) : undefined;
  if (reading?.kind !== 'record') return undefined;
  return JSON.stringify(reading.record.addresses.map(reportingAddressKey).sort());
}
