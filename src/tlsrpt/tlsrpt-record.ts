/**
 * Reads a TLSRPT record, the TXT record by which a domain asks for reports (RFC 8460 3).
 *
 * Several rua fields add up, in order and without duplicates; unknown extensions are skipped; one unusable URI does not spoil the
 * others. A record that breaks the grammar asks for nothing.
 */
import { isLocalDomain } from './local-domain.ts';
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
}

export type RecordReading =
  { readonly kind: 'record'; readonly record: TlsrptRecord } | { readonly kind: 'invalid'; readonly why: string };

/** What DNS can hold is sixteen times as much, and what anyone publishes a tenth. */
export const MAX_RECORD_LENGTH = 4_096;
export const tooLong = `it is longer than ${String(MAX_RECORD_LENGTH)} characters`;
const MAX_ADDRESSES = 50;
const MAX_QUOTED_LENGTH = 80;
const EXTENSION = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/;

export function readTlsrptRecord(text: string): RecordReading {
  if (text.length > MAX_RECORD_LENGTH) return invalid(tooLong);
  if (!hasTlsrptVersion(text)) return invalid('it does not begin with "v=TLSRPTv1;"'); // RFC 8460 3
  const fields = text.split(';').slice(1).map(trimWhiteSpace);
  if (fields.at(-1) === '') fields.pop();
  const malformed = fields.find((field) => !isRua(field) && !EXTENSION.test(field));
  if (malformed !== undefined)
    return invalid(`"${malformed.slice(0, MAX_QUOTED_LENGTH)}" is no field of the form name=value`);
  const ruas = fields.filter(isRua);
  if (ruas.length === 0) return invalid('it has no rua field');
  return withAddresses(ruas.flatMap((rua) => rua.slice('rua='.length).split(',')).map(trimWhiteSpace));
}

function isRua(field: string): boolean {
  return field.startsWith('rua=');
}

function withAddresses(uris: readonly string[]): RecordReading {
  const readings = uris.slice(0, MAX_ADDRESSES).map(readForeignAddress);
  const addresses = withoutDuplicates(
    readings.flatMap((reading) => (reading.kind === 'address' ? [reading.address] : [])),
  );
  const unusable = [
    ...readings.filter((reading): reading is AddressReading & { kind: 'unusable' } => reading.kind === 'unusable'),
    ...beyondTheLast(uris),
  ];
  if (addresses.length === 0)
    return invalid(`none of its reporting addresses can be used: ${unusable[0]?.why ?? 'none given'}`);
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
function beyondTheLast(uris: readonly string[]): UnusableAddress[] {
  return uris
    .slice(MAX_ADDRESSES, MAX_ADDRESSES + 1)
    .map((uri) => ({ uri: uri.slice(0, MAX_QUOTED_LENGTH), why: `it comes after ${String(MAX_ADDRESSES)} others` }));
}

function withoutDuplicates(addresses: readonly ReportingAddress[]): ReportingAddress[] {
  const seen = new Map<string, ReportingAddress>();
  for (const address of addresses) {
    const key = reportingAddressKey(address);
    if (!seen.has(key)) seen.set(key, address);
  }
  return [...seen.values()];
}

/** Character by character: a regular expression for the blanks at the end begins anew at each blank, which takes seconds for 65,000. */
function trimWhiteSpace(text: string): string {
  let [start, end] = [0, text.length];
  while (isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function invalid(why: string): RecordReading {
  return { kind: 'invalid', why };
}
