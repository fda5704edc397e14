/**
 * Names and addresses out of one datagram in their canonical form, at a cost that the datagram cannot choose.
 *
 * IDNA takes up to 40 microseconds for a name and an IPv6 address takes 2, while a datagram has room for ten thousand. So each different
 * one is converted once, and no more than so many of them are: no session has as many. What is plain ASCII or IPv4 costs next to nothing
 * and has no limit.
 */
import { canonicalDomain, isAscii } from './domain-name.ts';
import { canonicalIp, isIpv4 } from './ip-address.ts';

/** Undefined for what cannot be converted or is beyond the limit. */
export type Conversion = (text: string) => string | undefined;

export interface Conversions {
  readonly name: Conversion;
  readonly address: Conversion;
}

export interface ConversionLimits {
  /** Different ones that are not ASCII. */
  readonly unicodeNames: number;
  /** Different ones that are not IPv4. */
  readonly ipv6Addresses: number;
}

export function boundedConversions({ unicodeNames, ipv6Addresses }: ConversionLimits): Conversions {
  const unicodeName = bounded(unicodeNames, canonicalDomain);
  const ipv6Address = bounded(ipv6Addresses, canonicalIp);
  return {
    name: (text) => (isAscii(text) ? canonicalDomain(text) : unicodeName(text)),
    address: (text) => (isIpv4(text) ? text : ipv6Address(text)),
  };
}

function bounded(limit: number, convert: Conversion): Conversion {
  const converted = new Map<string, string | undefined>();
  return (text) => {
    if (!converted.has(text) && converted.size < limit) converted.set(text, convert(text));
    return converted.get(text);
  };
}
