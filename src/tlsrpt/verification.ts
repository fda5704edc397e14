/**
 * Whether it is shown who sent a report: by a DKIM signature (RFC 8460 3), or by what our own mail server found out about it (RFC 8601).
 */
import { isUsableDomain } from './domain-name.ts';

export interface Verification {
  /** By what; `none` for a report that did not come by mail. */
  readonly method: 'authentication-results' | 'dkim' | 'none';
  readonly result: VerificationResult;
  /** Whose signature it is, and by which key. */
  readonly domain?: string | undefined;
  readonly selector?: string | undefined;
  /** A phrase. */
  readonly why: string;
}

export type VerificationResult =
  | 'pass'
  | 'fail'
  /** The signature was right, and is no longer valid. */
  | 'neutral'
  /** It cannot be found out now. */
  | 'temperror'
  /** Nothing says who sent it. */
  | 'none';

export const unverifiedFile: Verification = { method: 'none', result: 'none', why: 'it did not come in a mail' };

/** The domains that a mail names as its sender. */
export interface NamedSenders {
  /** Of From, where it names one mailbox. */
  readonly fromDomain: string | undefined;
  /** TLS-Report-Submitter; some have the name of an organization there, which says nothing. */
  readonly submitter: string | undefined;
}

/**
 * Whether a signature of `domain` speaks for From and for the submitter: it is the same, or one above.
 *
 * RFC 8460 3 wants a signature of the reporting domain without saying which that is, so neither may be somebody else's.
 */
export function isSignerOf(domain: string, { fromDomain, submitter }: NamedSenders): boolean {
  if (fromDomain === undefined || !isAtOrAbove(domain, fromDomain)) return false;
  return submitter === undefined || !isMailDomain(submitter) || isAtOrAbove(domain, submitter);
}

/** A top-level domain signs for nobody but itself. */
function isAtOrAbove(domain: string, named: string): boolean {
  return named === domain || (isMailDomain(domain) && named.endsWith(`.${domain}`));
}

function isMailDomain(name: string): boolean {
  return isUsableDomain(name) && name.includes('.');
}
