/**
 * What another program reported on a domain before its work came here, as it counts for the reports that are planned on the domain.
 *
 * It counts for the plan that goes to the same destinations. What went elsewhere, as that program had other maps, covers the domain whoever got it: it
 * counts for the plans in turn, and each of its sessions once. RFC 8460 4.1.
 */
import type { StoredReport } from '#store/outbox/outbox-entries.ts';
import { groupBy } from '#support/group-by.ts';
import { destinationKey, readDestination } from '#tlsrpt/destination.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { PlannedReport } from './plan-reports.ts';
import { countsLeft } from './reported-counts.ts';
import type { CountsLeft } from './reported-counts.ts';

export type EarlierReport = Pick<StoredReport, 'destinations' | 'reported'>;

/** The same for all reports on a domain that another program built. */
export function adoptedSubject(policyDomain: string): string {
  return `adopted.${policyDomain}`;
}

/** To be asked about each of the plans, which are all that there are on the domain, once and in their order. */
export function adoptedCounts(
  adopted: readonly EarlierReport[],
  plans: readonly PlannedReport[],
): (plan: PlannedReport) => readonly CountsLeft[] {
  if (adopted.length === 0) return () => [];
  const planned = new Set(plans.map(({ destinations }) => setKey(destinations)));
  const byDestinations = groupBy(adopted, ({ destinations }) => setKey(destinations.flatMap(usable)));
  const elsewhere = countsLeft(
    [...byDestinations].flatMap(([key, reports]) => (planned.has(key) ? [] : reports.map(countsOf))),
  );
  return ({ destinations }) => [
    ...countsLeft((byDestinations.get(setKey(destinations)) ?? []).map(countsOf)),
    ...elsewhere,
  ];
}

function countsOf({ reported }: EarlierReport): string {
  return reported.counts;
}

/** Of what no report can be sent to here, none is planned to. */
function usable(uri: string): Destination[] {
  const reading = readDestination(uri);
  return reading.kind === 'address' ? [reading.address] : [];
}

function setKey(destinations: readonly Destination[]): string {
  return JSON.stringify([...new Set(destinations.map(destinationKey))].sort());
}
