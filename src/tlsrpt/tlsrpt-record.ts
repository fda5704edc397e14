/**
 * Reads a TLSRPT record, the TXT record by which a domain asks for reports (RFC 8460 3).
 *
 * Several rua fields add up, in order and without duplicates; unknown extensions are skipped; one unusable URI does not spoil the
 * others. A record that breaks the grammar asks for nothing.
 */
import { isLocalDomain } from './local-domain.ts';
import { placedText, placeIn, splitPlaced, trimPlaced } from './placed-text.ts';
import type { Place, PlacedText } from './placed-text.ts';
import { isExtension } from './record-extension.ts';
import type { AddressReading, ReportingAddress } from './reporting-address.ts';
import { readReportingAddress, reportingAddressKey } from './reporting-address.ts';
import { hasTlsrptVersion } from './select-tlsrpt-record.ts';

export interface TlsrptRecord {
  /** At least one, each once, in the order of the record. */
  readonly addresses: readonly ReportingAddress[];
  readonly unusable: readonly UnusableAddress[];
}

export interface UnusableAddress {
  readonly uri: string;
  readonly why: string;
  readonly place: Place;
}

export type RecordReading =
  | { readonly kind: 'record'; readonly record: TlsrptRecord }
  /** `place` where the mistake is at one; what is missing has none. */
  | { readonly kind: 'invalid'; readonly why: string; readonly place?: Place | undefined };

/** What DNS can hold is sixteen times as much, and what anyone publishes a tenth. */
export const MAX_RECORD_LENGTH = 4_096;
export const tooLong = `it is longer than ${String(MAX_RECORD_LENGTH)} characters`;
const MAX_ADDRESSES = 50;
const MAX_QUOTED_LENGTH = 80;

export function readTlsrptRecord(text: string): RecordReading {
  if (text.length > MAX_RECORD_LENGTH) return invalid(tooLong);
  if (!hasTlsrptVersion(text)) return invalid('it does not begin with "v=TLSRPTv1;"'); // RFC 8460 3
  const fields = splitPlaced(placedText(text), ';').slice(1).map(trimPlaced);
  if (fields.at(-1)?.text === '') fields.pop();
  const malformed = fields.find((field) => !isRua(field) && !isExtension(field.text));
  if (malformed) {
    const quoted = malformed.text.slice(0, MAX_QUOTED_LENGTH);
    return invalid(`"${quoted}" is no field of the form name=value`, placeIn(text, malformed));
  }
  const ruas = fields.filter(isRua);
  if (ruas.length === 0) return invalid('it has no rua field');
  return withAddresses(ruas.flatMap((rua) => splitPlaced(withoutName(rua), ',')).map(trimPlaced), text);
}

const RUA = 'rua=';

function isRua({ text }: PlacedText): boolean {
  return text.startsWith(RUA);
}

function withoutName({ text, start }: PlacedText): PlacedText {
  return { text: text.slice(RUA.length), start: start + RUA.length };
}

function withAddresses(uris: readonly PlacedText[], record: string): RecordReading {
  const readings = uris.slice(0, MAX_ADDRESSES).map((uri) => ({ uri, reading: readForeignAddress(uri.text) }));
  const addresses = withoutDuplicates(
    readings.flatMap(({ reading }) => (reading.kind === 'address' ? [reading.address] : [])),
  );
  const unusable = [
    ...readings.flatMap(({ uri, reading }) =>
      reading.kind === 'unusable' ? [{ uri: reading.uri, why: reading.why, place: placeIn(record, uri) }] : [],
    ),
    ...beyondTheLast(uris, record),
  ];
  const [first] = unusable;
  if (addresses.length === 0)
    return invalid(`none of its reporting addresses can be used: ${first?.why ?? 'none given'}`, first?.place);
  return { kind: 'record', record: { addresses, unusable } };
}

/** Strangers choose the address, so mail of ours does not become mail to this machine or its network; a destination map may name those. */
function readForeignAddress(uri: string): AddressReading {
  const reading = readReportingAddress(uri);
  const isHere =
    reading.kind === 'address' && reading.address.scheme === 'mailto' && isLocalDomain(reading.address.host);
  return isHere ? { kind: 'unusable', uri, why: 'its mailbox would be of this machine or its network' } : reading;
}

/** Reported once, however many there are. */
function beyondTheLast(uris: readonly PlacedText[], record: string): UnusableAddress[] {
  return uris.slice(MAX_ADDRESSES, MAX_ADDRESSES + 1).map((uri) => ({
    uri: uri.text.slice(0, MAX_QUOTED_LENGTH),
    why: `it comes after ${String(MAX_ADDRESSES)} others`,
    place: placeIn(record, uri),
  }));
}

function withoutDuplicates(addresses: readonly ReportingAddress[]): readonly ReportingAddress[] {
  if (addresses.length < 2) return addresses;
  const seen = new Map<string, ReportingAddress>();
  for (const address of addresses) {
    const key = reportingAddressKey(address);
    if (!seen.has(key)) seen.set(key, address);
  }
  return [...seen.values()];
}

function invalid(why: string, place?: Place): RecordReading {
  return { kind: 'invalid', why, place };
}
