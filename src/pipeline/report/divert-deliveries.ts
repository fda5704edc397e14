/**
 * Where the deliveries of a report go that another program built, when that program sent all that it had elsewhere than to the report's own
 * addresses: a test system must not begin to report to strangers because its program changes.
 *
 * What has ended keeps how it ended, under the destination at which it did. What waits is mapped as if the report were built now.
 */
import { readDestination } from '#tlsrpt/destination.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { AdoptedDelivery, AdoptedReport } from './adopt-reports.ts';
import { mapDestinations } from './map-destinations.ts';
import type { DestinationMaps } from './map-destinations.ts';

/** `maps` are those that the other program applied when it delivered, not when it built. */
export function divertDeliveries(
  { policyDomain, deliveries }: Pick<AdoptedReport, 'policyDomain' | 'deliveries'>,
  maps: DestinationMaps,
): readonly AdoptedDelivery[] {
  if (Object.values(maps).every(({ length }) => length === 0)) return deliveries;
  const waiting = deliveries.filter(isWaiting);
  const addresses = waiting.flatMap(addressOf);
  const ended = deliveries.filter((delivery) => !isWaiting(delivery));
  const diverted = [
    ...ended.flatMap((delivery) =>
      mapDestinations({ ...maps, record: [] }, policyDomain, addressOf(delivery)).destinations.map(
        ({ uri }): AdoptedDelivery => ({ ...delivery, destination: uri }),
      ),
    ),
    ...(addresses.length === 0 ? [] : mapDestinations(maps, policyDomain, addresses).destinations).map(
      ({ uri }): AdoptedDelivery => ({ ...queued, destination: uri, dueMs: waiting[0]?.dueMs }),
    ),
  ];
  return [...new Map(diverted.map((delivery) => [delivery.destination, delivery])).values()];
}

function isWaiting({ state }: AdoptedDelivery): boolean {
  return state === 'queued';
}

/** None for what cannot be used, which nothing is sent to. */
function addressOf({ destination }: AdoptedDelivery): Destination[] {
  const reading = readDestination(destination);
  return reading.kind === 'address' ? [reading.address] : [];
}

const queued = { state: 'queued', attempts: 0, lastResult: '' } as const;
