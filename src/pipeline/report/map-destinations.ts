/**
 * Sends reports elsewhere than the records say, as the administrator's maps want it.
 *
 * The record map is asked about the policy domain and sees all its reporting addresses, also where the record has none. Then the mail map is
 * asked about each mailbox and the HTTPS map about each endpoint. The first entry that matches decides; where none does, nothing
 * changes. What a map gives is not looked up in it again.
 */
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { destinationKey, readDestination } from '#tlsrpt/destination.ts';
import type { Destination, DestinationReading } from '#tlsrpt/destination.ts';

export type MapAction = 'ACCEPT' | 'DISCARD' | 'REPLACE' | 'APPEND' | 'REGEXP';

/** What a map is asked about: a policy domain, or a destination. */
export interface MapSubject {
  /** The policy domain, or the host of the destination. A-labels, lower case, no trailing dot. */
  readonly domain: string;
  /** The policy domain, or the URI of the destination. */
  readonly text: string;
}

export interface MapEntry {
  /** `/etc/tlsrpt/record.map:3` */
  readonly where: string;
  /** As it stands there. */
  readonly text: string;
  readonly action: MapAction;
  readonly matches: (subject: MapSubject) => boolean;
  /** What the action makes of some URIs. */
  readonly rewrite: (uris: readonly string[]) => readonly string[];
}

export interface DestinationMaps {
  readonly record: readonly MapEntry[];
  readonly mail: readonly MapEntry[];
  readonly https: readonly MapEntry[];
}

/** What one map did for one subject. */
export interface MapStep {
  readonly map: keyof DestinationMaps;
  /** The domain of the subject. */
  readonly name: string;
  /** Undefined when none matched. */
  readonly entry: MapEntry | undefined;
  readonly before: readonly Destination[];
  readonly after: readonly Destination[];
  readonly unusable: readonly { readonly uri: string; readonly why: string }[];
}

export interface MappedDestinations {
  readonly destinations: readonly Destination[];
  readonly steps: readonly MapStep[];
}

export function mapDestinations(
  maps: DestinationMaps,
  policyDomain: string,
  recorded: readonly Destination[],
): MappedDestinations {
  const steps = stepsOf('record', maps, { domain: policyDomain, text: policyDomain }, recorded);
  const own = (steps[0]?.after ?? recorded).map((destination) => ({
    destination,
    steps: mapOne(maps, destination),
  }));
  return {
    destinations: withoutDuplicates(own.flatMap(({ destination, steps: [step] }) => step?.after ?? [destination])),
    steps: [...steps, ...own.flatMap(({ steps: ofOne }) => ofOne)],
  };
}

function mapOne(maps: DestinationMaps, destination: Destination): MapStep[] {
  if (destination.scheme === 'directory') return [];
  const map = destination.scheme === 'mailto' ? 'mail' : 'https';
  const subject = { domain: canonicalDomain(destination.host), text: destination.uri };
  return stepsOf(map, maps, subject, [destination]);
}

/** One step, or none where there is no such map. */
function stepsOf(
  map: keyof DestinationMaps,
  maps: DestinationMaps,
  subject: MapSubject,
  before: readonly Destination[],
): MapStep[] {
  if (maps[map].length === 0) return [];
  const name = subject.domain;
  const entry = maps[map].find(({ matches }) => matches(subject));
  if (!entry) return [{ map, name, entry, before, after: before, unusable: [] }];
  const readings = entry.rewrite(before.map(({ uri }) => uri)).map(readDestination);
  const after = withoutDuplicates(readings.flatMap((one) => (one.kind === 'address' ? [one.address] : [])));
  return [{ map, name, entry, before, after, unusable: readings.filter(isUnusable) }];
}

function isUnusable(reading: DestinationReading): reading is Extract<DestinationReading, { kind: 'unusable' }> {
  return reading.kind === 'unusable';
}

function withoutDuplicates(destinations: readonly Destination[]): Destination[] {
  const byKey = new Map<string, Destination>();
  for (const destination of destinations) {
    const key = destinationKey(destination);
    if (!byKey.has(key)) byKey.set(key, destination);
  }
  return [...byKey.values()];
}
