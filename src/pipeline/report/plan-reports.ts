/**
 * Decides which reports a domain gets: one for each set of reporting addresses that its records named during the day.
 *
 * Records that differ only in form ask for the same and give one report.
 * Problems: no-reporting-address, reporting-address-unusable, policy-domain-unusable.
 */
import { createHash } from 'node:crypto';
import { noReportingAddress, policyDomainUnusable, reportingAddressUnusable } from '#events/report-events.ts';
import type { Log } from '#events/event.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { destinationKey } from '#tlsrpt/destination.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';
import type { DomainTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { DestinationMaps } from './map-destinations.ts';
import { mappedDestinations } from './mapped-destinations.ts';

export interface PlannedReport {
  readonly policyDomain: string;
  /** Tells apart the reports on one domain; the same whenever the same addresses ask. */
  readonly uniqueId: string;
  readonly destinations: readonly Destination[];
  readonly policies: readonly PolicyTally[];
}

const UNIQUE_ID_LENGTH = 12;

export function planReports(
  domain: string,
  tallies: readonly DomainTally[],
  log: Log,
  maps?: DestinationMaps,
): PlannedReport[] {
  if (!isUsableDomain(domain)) {
    log(policyDomainUnusable(domain));
    return [];
  }
  const plans = new Map<string, PlannedReport>();
  for (const [record, policies] of policiesByRecord(tallies)) {
    const destinations = mappedDestinations(maps, domain, log, (tell) => destinationsOf(domain, record, tell));
    if (destinations.length === 0) continue;
    const uniqueId = uniqueIdOf(domain, destinations);
    const plan = plans.get(uniqueId);
    plans.set(uniqueId, {
      policyDomain: domain,
      uniqueId,
      destinations: plan?.destinations ?? destinations,
      policies: [...(plan?.policies ?? []), ...policies],
    });
  }
  return [...plans.values()];
}

/** Several hosts saw the same record; what is odd about it is told once. */
function policiesByRecord(tallies: readonly DomainTally[]): Map<string | undefined, PolicyTally[]> {
  const byRecord = new Map<string | undefined, PolicyTally[]>();
  for (const { record, policies } of tallies) {
    byRecord.set(record, [...(byRecord.get(record) ?? []), ...policies]);
  }
  return byRecord;
}

function destinationsOf(domain: string, record: string | undefined, log: Log): readonly ReportingAddress[] {
  if (record === undefined) {
    log(noReportingAddress(domain, 'since the mail server did not pass it on'));
    return [];
  }
  const reading = readTlsrptRecord(record);
  if (reading.kind === 'invalid') {
    log(noReportingAddress(domain, reading.why));
    return [];
  }
  for (const { uri, why } of reading.record.unusable) log(reportingAddressUnusable(domain, uri, why));
  return reading.record.addresses;
}

function uniqueIdOf(domain: string, destinations: readonly Destination[]): string {
  const keys = destinations.map(destinationKey).sort();
  return createHash('sha256')
    .update(JSON.stringify([domain, keys]))
    .digest('hex')
    .slice(0, UNIQUE_ID_LENGTH);
}
