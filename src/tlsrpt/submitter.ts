/**
 * Who sends the reports, as it stands in each of them.
 */
import { canonicalDomain } from './domain-name.ts';

export interface Submitter {
  readonly organizationName: string;
  /** A bare `local@domain` (RFC 8460 4.4, contact-info). */
  readonly contactInfo: string;
}

/** The domain that file names, Subject and TLS-Report-Submitter carry (RFC 8460 5.1, 5.3). */
export function submitterDomain(submitter: Submitter): string {
  return canonicalDomain(submitter.contactInfo.slice(submitter.contactInfo.lastIndexOf('@') + 1));
}
