/**
 * TLSA records of mail servers (RFC 6698 2.1): which of them senders can use (RFC 7672 3.1), and how people write them.
 */

export interface TlsaRecord {
  /** 2: an issuer of the certificate; 3: the certificate itself. */
  readonly usage: number;
  /** 0: the whole certificate; 1: its key. */
  readonly selector: number;
  /** 0: as it is; 1: SHA-256; 2: SHA-512. */
  readonly matchingType: number;
  /** Hexadecimal, in lower case. */
  readonly data: string;
}

const ISSUER = 2;
const HEX_LENGTHS: Readonly<Record<number, number>> = { 1: 64, 2: 128 };
const SHOWN_DIGITS = 16;

/** Undefined for one that senders can use. */
export function whyUnusable({ usage, selector, matchingType, data }: TlsaRecord): string | undefined {
  if (usage < ISSUER) return `its usage is ${String(usage)}, and senders of mail know 2 and 3 alone`; // RFC 7672 3.1.3
  if (usage > 3) return `its usage is ${String(usage)}, which nobody knows`;
  if (selector > 1) return `its selector is ${String(selector)}, which is neither 0 nor 1`;
  if (matchingType > 2) return `its matching type is ${String(matchingType)}, which is none of 0, 1 and 2`;
  const digits = HEX_LENGTHS[matchingType];
  if (digits !== undefined && data.length !== digits)
    return `its digest has ${String(data.length)} hexadecimal digits in the place of ${String(digits)}`;
  return data === '' ? 'it has no data' : undefined;
}

/** True for one about the issuer of a certificate, false for one about the certificate itself. */
export function isAboutIssuer({ usage }: TlsaRecord): boolean {
  return usage === ISSUER;
}

/** Short enough for a line: `3 1 1 0123456789abcdef...`. */
export function formatTlsa({ usage, selector, matchingType, data }: TlsaRecord): string {
  const shown = data.length > SHOWN_DIGITS ? `${data.slice(0, SHOWN_DIGITS)}...` : data;
  return [usage, selector, matchingType, shown].join(' ');
}
