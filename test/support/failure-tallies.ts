/**
 * Tallies of failures that differ in where they happened.
 */
import type { FailureTally } from '#tlsrpt/tally.ts';

/** An expired certificate at that address. */
export function expiredAt(receivingIp: string, sessions = 1): FailureTally {
  const nothing = {
    sendingMtaIp: undefined,
    receivingMxHostname: undefined,
    receivingMxHelo: undefined,
    additionalInformation: undefined,
    failureReasonCode: undefined,
  };
  return { details: { ...nothing, resultType: 'certificate-expired', receivingIp }, sessions };
}
