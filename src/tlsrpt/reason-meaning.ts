/**
 * What reasons mean that senders write in words of their own (RFC 8460 4.3.1 and 4.3.3 leave them free), where the result type alone says
 * less. What is not known here explains itself, or nothing does.
 */
const meanings: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [
    /^(?:MX_HOSTS_MISMATCH|mtasts-policy-mx-mismatch)$/i, // Microsoft, mox
    'The MX host is none of those that the MTA-STS policy allows: add it to the mx lines of the policy, then change the id in the _mta-sts record.',
  ],
  [
    /^dane-no-match$/i, // mox
    'The certificate matches none of the TLSA records: publish one for it, and only then change the certificate.',
  ],
  [
    /^self-signed_certificate$/i, // Postfix
    'The server shows a certificate that no authority issued: install one that a well-known authority did.',
  ],
  [
    /^bad https response code: \d{3}$/i, // Mail.ru
    'The web server answered the request for the policy with that code; it must be 200, and no redirect.',
  ],
];

/** Undefined for a reason that is not known. */
export function meaningOfReason(reason: string): string | undefined {
  return meanings.find(([pattern]) => pattern.test(reason.trim()))?.[1];
}
