/**
 * A datagram that `doctor` sends to see whether the collector is reached: `{"tlsrpt-probe":"NONCE"}`. It is of no session, and counts for nothing.
 *
 * Whoever may write to the socket can send one as well, so it has exactly one form, and anything else is a datagram like all others.
 */
/** So many are noted: as many runs of doctor at once see their own. */
export const MOST_NOTED = 4;

const PREFIX = '{"tlsrpt-probe":"';
const SUFFIX = '"}';
const NONCE_LENGTH = 16;
const MARK_LENGTH = 8;
const PROBE_BYTES = PREFIX.length + NONCE_LENGTH + SUFFIX.length;
const NONCE = /^[0-9a-f]{16}$/;

/** `nonce`: 16 hexadecimal digits in lower case. */
export function formatProbe(nonce: string): Buffer {
  return Buffer.from(`${PREFIX}${nonce}${SUFFIX}`, 'latin1');
}

/** What is noted of a nonce: enough to know it by, as there is little room. */
export function markOf(nonce: string): string {
  return nonce.slice(0, MARK_LENGTH);
}

/** Its nonce; undefined for any other datagram, which costs no more than a look at the length. */
export function readProbe(bytes: Buffer): string | undefined {
  if (bytes.length !== PROBE_BYTES) return undefined;
  const text = bytes.toString('latin1');
  const nonce = text.slice(PREFIX.length, -SUFFIX.length);
  return text.startsWith(PREFIX) && text.endsWith(SUFFIX) && NONCE.test(nonce) ? nonce : undefined;
}
