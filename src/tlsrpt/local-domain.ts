/**
 * Domains that mean this machine or the network it is in, so that a relay would keep mail for them at home.
 *
 * A name without a dot is one of them too: relays complete it with a domain of their own. So is what ends in digits, an address and not a
 * name (RFC 3696 2).
 */
/** RFC 6761 6.3, RFC 6762 and its appendix G, RFC 8375; `internal` by ICANN, `localdomain` by old custom. */
const LOCAL = /(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$/;

/** `domain` is in its canonical form. */
export function isLocalDomain(domain: string): boolean {
  return !domain.includes('.') || /\.\d+$/.test(domain) || LOCAL.test(domain);
}
