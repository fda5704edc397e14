/**
 * The fields `name=value` that the TXT records of TLSRPT and MTA-STS may have beside those that are known (RFC 8460 3, RFC 8461 3.1).
 */
const EXTENSION = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/;

export function isExtension(field: string): boolean {
  return EXTENSION.test(field);
}
