/**
 * A policy and a failure in the words of a libtlsrpt datagram, as `readSession` (datagram.ts) takes them.
 *
 * A datagram has numbers for what libtlsrpt knows: an unknown policy type gets none, an unknown result type that of `validation-failure`.
 */
import type { JsonObject } from './foreign-field.ts';
import { isKnownPolicyType } from './policy-type.ts';
import type { KnownPolicyType, PolicyType } from './policy-type.ts';
import { libtlsrptCodeOf } from './result-type.ts';
import type { FailureDetails, Policy } from './session.ts';

const policyCodes: Readonly<Record<KnownPolicyType, number>> = { tlsa: 1, sts: 2, 'no-policy-found': 9 };

export function policyJson({ type, domain, strings, mxHosts }: Policy): JsonObject {
  return {
    'policy-type': policyTypeCodeOf(type),
    'policy-domain': domain === '' ? undefined : domain,
    ...(strings.length > 0 ? { 'policy-string': strings } : {}),
    ...(mxHosts.length > 0 ? { 'mx-host': mxHosts } : {}),
  };
}

/** The number by which libtlsrpt names it; undefined where it knows none. */
export function policyTypeCodeOf(type: PolicyType): number | undefined {
  return isKnownPolicyType(type) ? policyCodes[type] : undefined;
}

export function failureJson(details: FailureDetails): JsonObject {
  return {
    c: libtlsrptCodeOf(details.resultType),
    s: details.sendingMtaIp,
    n: details.receivingMxHostname,
    h: details.receivingMxHelo,
    r: details.receivingIp,
    a: details.additionalInformation,
    f: details.failureReasonCode,
  };
}
