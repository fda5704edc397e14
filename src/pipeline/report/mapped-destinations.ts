/**
 * The destinations of one record after the maps, with what is logged about them.
 *
 * What is wrong with the record is no news where the maps decide without it.
 * Problems: reporting-address-unusable. Events: destinations-mapped, report-discarded.
 */
import { destinationsMapped, reportDiscarded, reportingAddressUnusable } from '#events/report-events.ts';
import type { Log, LogEvent } from '#events/event.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import { mapDestinations } from './map-destinations.ts';
import type { DestinationMaps, MappedDestinations, MapStep } from './map-destinations.ts';

/** `find` reads the record, and tells what is wrong with it. Without maps, reports go where the records say. */
export function mappedDestinations(
  maps: DestinationMaps | undefined,
  policyDomain: string,
  log: Log,
  find: (log: Log) => readonly Destination[],
): readonly Destination[] {
  if (!maps || isEmpty(maps)) return find(log);
  const complaints: LogEvent[] = [];
  const recorded = find((event) => complaints.push(event));
  const mapped = mapDestinations(maps, policyDomain, recorded);
  if (!isOverruled(mapped, recorded)) complaints.forEach(log);
  tell(mapped, policyDomain, log);
  return mapped.destinations;
}

function isEmpty({ record, mail, https }: DestinationMaps): boolean {
  return record.length + mail.length + https.length === 0;
}

function isOverruled({ destinations, steps }: MappedDestinations, recorded: readonly Destination[]): boolean {
  const action = steps.find(({ map }) => map === 'record')?.entry?.action;
  return action === 'REPLACE' || action === 'DISCARD' || (recorded.length === 0 && destinations.length > 0);
}

function tell({ destinations, steps }: MappedDestinations, policyDomain: string, log: Log): void {
  const changes = steps.filter(isChange);
  for (const { entry, unusable, before, after } of changes) {
    const where = entry?.where ?? '';
    for (const { uri, why } of unusable) log(reportingAddressUnusable(policyDomain, uri, `${why} (${where})`));
    log(destinationsMapped(policyDomain, where, { before: before.map(uriOf), after: after.map(uriOf) }));
  }
  const places = changes.map(({ entry }) => entry?.where ?? '');
  if (destinations.length === 0 && places.length > 0) log(reportDiscarded(policyDomain, [...new Set(places)]));
}

function isChange({ entry, before, after }: MapStep): boolean {
  return entry?.action === 'DISCARD' || before.map(uriOf).join(' ') !== after.map(uriOf).join(' ');
}

function uriOf({ uri }: Destination): string {
  return uri;
}
