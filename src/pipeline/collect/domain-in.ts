/**
 * The domain that a datagram is about, found without parsing it: what a member `d` near its beginning says.
 *
 * Whoever sends datagrams decides where their members stand and how they are escaped, so this says whose datagram it may be, and decides
 * about room in memory alone.
 */

/** libtlsrpt writes it behind the version. */
const LOOKED_AT_BYTES = 512;
const DOMAIN = /"d"\s*:\s*"([^"]*)"/;
const NOWHERE = Buffer.alloc(0);

/** Its bytes as they stand there; none for a datagram that names no domain so early. */
export function domainIn(bytes: Buffer): Buffer {
  const found = DOMAIN.exec(bytes.toString('latin1', 0, LOOKED_AT_BYTES));
  if (!found) return NOWHERE;
  const [member, domain = ''] = found;
  const end = found.index + member.length - 1;
  return bytes.subarray(end - domain.length, end);
}
