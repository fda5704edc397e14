/**
 * Who may ask: whoever has the token, as `Authorization: Bearer TOKEN` (RFC 6750 2.1), or as the password of any user (RFC 7617), which browsers
 * ask for.
 *
 * Digests of one length are compared, so the time that it takes tells nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readAuthorization } from './authorization.ts';

export const CHALLENGE = 'Bearer, Basic realm="tlsrpt", charset="UTF-8"';

/** `header`: the one named Authorization. */
export function hasToken(token: string, header: string | undefined): boolean {
  const given = readAuthorization(header);
  if (!given) return false;
  const word = given.scheme === 'bearer' ? given.value : given.value.slice(given.value.indexOf(':') + 1);
  return timingSafeEqual(digestOf(word), digestOf(token));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
