/**
 * Who may ask: whoever has the token, as `Authorization: Bearer TOKEN` (RFC 6750 2.1), or as the password of any user (RFC 7617), which browsers
 * ask for.
 *
 * Digests of one length are compared, so the time that it takes tells nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

const HEADER = /^(basic|bearer) +([A-Za-z0-9\-._~+/]+=*)$/i;
const LONGEST_HEADER = 4_096;

export const CHALLENGE = 'Bearer, Basic realm="tlsrpt", charset="UTF-8"';

/** `header`: the one named Authorization. */
export function hasToken(token: string, header: string | undefined): boolean {
  if (header === undefined || header.length > LONGEST_HEADER) return false;
  const [, scheme = '', value] = HEADER.exec(header.trim()) ?? [];
  if (value === undefined) return false;
  const given = scheme.toLowerCase() === 'bearer' ? value : passwordIn(value);
  return timingSafeEqual(digestOf(given), digestOf(token));
}

function passwordIn(encoded: string): string {
  const pair = Buffer.from(encoded, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
