/**
 * What is left of details that a day has no room for: enough to count sessions and failures under.
 */
import type { FailureDetails } from '#tlsrpt/session.ts';
import type { SeenPolicy } from '../sessions/stored-sessions.ts';

/** One for each type of policy of a domain. */
export function mergedPolicy({ domain, policy }: SeenPolicy): SeenPolicy {
  return { domain, record: undefined, policy: { type: policy.type, domain, strings: [], mxHosts: [] } };
}

/** One for each result type of a policy. */
export function mergedFailure({ resultType }: FailureDetails): FailureDetails {
  return {
    resultType,
    sendingMtaIp: undefined,
    receivingMxHostname: undefined,
    receivingMxHelo: undefined,
    receivingIp: undefined,
    additionalInformation: undefined,
    failureReasonCode: undefined,
  };
}
