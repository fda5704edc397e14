/**
 * What was seen under one policy, as a document that can be searched: the names of RFC 8460 4.4, all on one level, with the domain and the record.
 *
 * Read again it gives the same tally. What is read is foreign: whatever is of another form makes it undefined, or costs a failure itself alone.
 */
import { isObject, objectsOf, textOf } from './foreign-field.ts';
import type { JsonObject } from './foreign-field.ts';
import { readPolicyType } from './policy-type.ts';
import { failureDocument } from './report-json.ts';
import { readResultType } from './result-type.ts';
import type { DomainTally, FailureTally, PolicyTally } from './tally.ts';

export interface SeenUnderPolicy extends Pick<DomainTally, 'domain' | 'record'> {
  readonly tally: PolicyTally;
}

export function publishedTally({ domain, record, tally }: SeenUnderPolicy): JsonObject {
  const { policy, successful, failed, failures } = tally;
  return {
    domain,
    ...(record === undefined ? {} : { record }),
    'policy-type': policy.type,
    'policy-domain': policy.domain,
    ...(policy.strings.length > 0 ? { 'policy-string': policy.strings } : {}),
    ...(policy.mxHosts.length > 0 ? { 'mx-host': policy.mxHosts } : {}),
    'total-successful-session-count': successful,
    'total-failure-session-count': failed,
    ...(failures.length > 0 ? { 'failure-details': failures.map(failureDocument) } : {}),
  };
}

export function readPublishedTally(json: unknown): SeenUnderPolicy | undefined {
  if (!isObject(json)) return undefined;
  const [domain, type] = [textOf(json['domain']), readPolicyType(json['policy-type'])];
  const [successful, failed] = [
    countOf(json['total-successful-session-count']),
    countOf(json['total-failure-session-count']),
  ];
  if (domain === undefined || type === undefined || successful === undefined || failed === undefined) return undefined;
  const [strings, mxHosts] = [textsOf(json['policy-string']), textsOf(json['mx-host'])];
  const policy = { type, domain: textOf(json['policy-domain']) ?? '', strings, mxHosts };
  const failures = objectsOf(json['failure-details']).flatMap((failure) => readFailure(failure) ?? []);
  return { domain, record: textOf(json['record']), tally: { policy, successful, failed, failures } };
}

function readFailure(json: JsonObject): FailureTally | undefined {
  const [resultType, sessions] = [readResultType(json['result-type']), countOf(json['failed-session-count'])];
  if (resultType === undefined || sessions === undefined) return undefined;
  const details = {
    resultType,
    sendingMtaIp: textOf(json['sending-mta-ip']),
    receivingMxHostname: textOf(json['receiving-mx-hostname']),
    receivingMxHelo: textOf(json['receiving-mx-helo']),
    receivingIp: textOf(json['receiving-ip']),
    additionalInformation: textOf(json['additional-information']),
    failureReasonCode: textOf(json['failure-reason-code']),
  };
  return { details, sessions };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : [];
}
