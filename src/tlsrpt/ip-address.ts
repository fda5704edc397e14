/**
 * IP addresses as a report writes them: dotted IPv4 and RFC 5952 IPv6 (RFC 8460 4.4).
 */

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** `0000:0000:0000:0000:0000:ffff:255.255.255.255` is the longest. */
const IPV6_CHARACTERS = /^[0-9a-f:.]{2,45}$/i;

const GROUP = '[1-9a-f][0-9a-f]{0,3}';
/** Eight groups, or up to six around `::`, of which none is zero: most addresses are, and RFC 5952 leaves nothing to change. */
const PLAIN_IPV6 = new RegExp(`^(?:(?:${GROUP}:){7}${GROUP}|(?!(?:[^:]*:){7})${GROUP}(?::${GROUP})*:(?::${GROUP})+)$`);

/** True for one in the only form that RFC 8460 4.4 allows. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** The canonical text of an address, without zone; undefined for what is not an address. */
export function canonicalIp(text: string): string | undefined {
  if (isIpv4(text) || PLAIN_IPV6.test(text)) return text;
  const [bare = ''] = text.split('%', 1);
  if (!bare.includes(':') || !IPV6_CHARACTERS.test(bare)) return undefined;
  const url = `http://[${bare}]/`;
  if (!URL.canParse(url)) return undefined;
  return withDottedTail(new URL(url).hostname.slice(1, -1));
}

/** The address in `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 4.1.3) and the like, with nothing around it. */
export function bareAddress(text: string): string {
  const bare = text.trim();
  const inside = bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare;
  return inside.replace(/^IPv6:/i, '');
}

/** RFC 5952 5: an IPv4-mapped address ends in dotted notation. */
function withDottedTail(ipv6: string): string {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(ipv6);
  if (!mapped) return ipv6;
  const [high, low] = [parseInt(mapped[1] ?? '0', 16), parseInt(mapped[2] ?? '0', 16)];
  return `::ffff:${String(high >> 8)}.${String(high & 255)}.${String(low >> 8)}.${String(low & 255)}`;
}
