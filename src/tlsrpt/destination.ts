/**
 * Where a report goes: to a reporting address, or into a directory that the administrator chose.
 *
 * No record can name a directory (RFC 8460 3 knows mailto and https); what is read here comes from the administrator or the outbox.
 */
import { canonicalDomain } from './domain-name.ts';
import { readReportingAddress, reportingAddressKey } from './reporting-address.ts';
import type { AddressReading, ReportingAddress } from './reporting-address.ts';

export interface DirectoryDestination {
  readonly scheme: 'directory';
  readonly uri: string;
  /** Absolute, each of its parts a plain name. */
  readonly path: string;
}

export type Destination = ReportingAddress | DirectoryDestination;

export const destinationKinds = ['mailto', 'https', 'directory'] as const satisfies readonly Destination['scheme'][];

export type DestinationKind = (typeof destinationKinds)[number];

export type DestinationReading =
  { readonly kind: 'address'; readonly address: Destination } | Extract<AddressReading, { kind: 'unusable' }>;

const MAX_PATH_LENGTH = 1_024;

export function readDestination(uri: string): DestinationReading {
  return /^directory:/i.test(uri) ? readDirectory(uri) : readReportingAddress(uri);
}

/** Destinations with the same key get one copy. */
export function destinationKey(destination: Destination): string {
  return destination.scheme === 'directory' ? destination.uri : reportingAddressKey(destination);
}

/**
 * The form in which a destination is suppressed and counted: whose it is, also where a local part is written in other letters.
 * Hardly any receiver tells them apart (RFC 5321 2.4), and spellings must not get anybody more than their share.
 */
export function receiverKey(destination: Destination): string {
  const key = destinationKey(destination);
  return destination.scheme === 'mailto' ? key.toLowerCase() : key;
}

/**
 * Whom deliveries to a destination burden, whatever its spelling: the host of an endpoint, the domain of a mailbox. Empty for a directory,
 * which burdens nobody.
 */
export function receivingHost(destination: Destination): string {
  return destination.scheme === 'directory' ? '' : canonicalDomain(destination.host);
}

/** A pattern may have put a stranger's text into the path, so nothing in it leads out of the directory that is written there. */
function readDirectory(uri: string): DestinationReading {
  const path = uri.slice('directory:'.length).replace(/\/$/, '');
  const [root, ...names] = path.split('/');
  if (root !== '' || names.length === 0) return unusable(uri, 'its path does not begin with a slash');
  if (path.length > MAX_PATH_LENGTH) return unusable(uri.slice(0, 80), 'its path is too long');
  if (/\p{Cc}/u.test(path)) return unusable(uri, 'its path has control characters');
  if (names.some((name) => ['', '.', '..'].includes(name)))
    return unusable(uri, 'its path has an empty part, . or .. in it');
  return { kind: 'address', address: { scheme: 'directory', uri: `directory:${path}`, path } };
}

function unusable(uri: string, why: string): DestinationReading {
  return { kind: 'unusable', uri, why };
}
