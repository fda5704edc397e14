/**
 * Tells whether an address may be contacted for a stranger, who chose the reporting address that led to it.
 *
 * Only ordinary public addresses may: not this machine, also not by its public address, not the networks behind it, not what translates to
 * either (RFC 6890, IANA special-purpose address registries). Anything that is not understood counts as special.
 */
import ipaddr from 'ipaddr.js';

/**
 * The name of the special range an address lies in, such as `loopback` or `private`, or `this machine` for one of `ownAddresses`, which are
 * in their usual form; undefined for a public address of somebody else.
 */
export function specialRange(address: string, ownAddresses: readonly string[]): string | undefined {
  if (!ipaddr.isValid(address)) return 'not an address';
  const reached = reachedBy(ipaddr.parse(address));
  const range = reached instanceof ipaddr.IPv6 ? specialRangeOfIpv6(reached) : specialRangeOfIpv4(reached);
  return range ?? (ownAddresses.some((own) => isSame(own, reached)) ? 'this machine' : undefined);
}

/** Itself, but for what is an IPv4 address on its way through NAT64: then that one. */
function reachedBy(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  return address instanceof ipaddr.IPv6 && address.match(WELL_KNOWN_NAT64) ? embeddedIpv4(address) : address;
}

/** Compared as numbers, since an address has many spellings. */
function isSame(text: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return ipaddr.isValid(text) && ipaddr.parse(text).toNormalizedString() === address.toNormalizedString();
}

function specialRangeOfIpv4(address: ipaddr.IPv4): string | undefined {
  const range = address.range();
  return range === 'unicast' ? undefined : range;
}

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** A host without IPv4 reaches every IPv4 server through it (RFC 6052), so what counts is the address inside. */
const WELL_KNOWN_NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

function specialRangeOfIpv6(address: ipaddr.IPv6): string | undefined {
  const range = address.range();
  if (range !== 'unicast') return range;
  // Outside of it lie unassigned blocks and forms such as ::7f00:1 (RFC 4291 2.5.5.1).
  return address.match(GLOBAL_UNICAST) ? undefined : 'not global unicast';
}

function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}
