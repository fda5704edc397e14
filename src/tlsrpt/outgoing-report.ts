/**
 * A finished report on its way: the document as it was built, and what a transport needs to deliver it.
 *
 * Built once and kept in the outbox, so every attempt and every destination gets the same bytes under the same report-id.
 */
export interface OutgoingReport {
  readonly reportId: string;
  readonly policyDomain: string;
  /** The domain part of contact-info (RFC 8460 5.3). */
  readonly submitterDomain: string;
  /** `submitter!policy-domain!begin!end!unique-id.json.gz` (RFC 8460 5.1). */
  readonly fileName: string;
  /** The JSON document (RFC 8460 4.4), not compressed. */
  readonly document: string;
  /** The same for people, plain text, lines ended by LF. */
  readonly summary: string;
}
