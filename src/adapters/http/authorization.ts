/**
 * The field Authorization of a request: Basic (RFC 7617) or Bearer (RFC 6750 2.1).
 */
const HEADER = /^(basic|bearer) +([A-Za-z0-9\-._~+/]+=*)$/i;
const LONGEST_HEADER = 4_096;

export interface Authorization {
  readonly scheme: 'basic' | 'bearer';
  /** The token, or `USER:PASSWORD`. */
  readonly value: string;
}

/** Undefined for none, and for one of another form. */
export function readAuthorization(header: string | undefined): Authorization | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined;
  const [, scheme, value] = HEADER.exec(header.trim()) ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  return scheme.toLowerCase() === 'bearer'
    ? { scheme: 'bearer', value }
    : { scheme: 'basic', value: Buffer.from(value, 'base64').toString() };
}
