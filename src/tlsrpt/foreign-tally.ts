/**
 * Reads what somebody else added up, by the reader of datagrams and within its limits: a tally is as foreign as what it was made of.
 *
 * Only what datagrams cannot name passes beside it: a policy type or a result type that is not known here (RFC 8460 6.6).
 */
import { readSession } from './datagram.ts';
import { failureJson, policyJson } from './datagram-json.ts';
import type { JsonObject } from './foreign-field.ts';
import { isKnownPolicyType } from './policy-type.ts';
import { isKnownResultType } from './result-type.ts';
import type { FailureDetails, PolicyOutcome } from './session.ts';
import type { DomainTally, PolicyTally } from './tally.ts';

/** Of one datagram no more than so many addresses and names are read. */
const FAILURES_OF_ONE_DATAGRAM = 100;

export interface TalliedOutcome
  extends Pick<PolicyOutcome, 'policy' | 'failures'>, Pick<DomainTally, 'domain' | 'record'> {}

/** Undefined when nothing can be made of its domain. */
export function readForeignTally({ domain, record, policies }: DomainTally): DomainTally | undefined {
  const read = policies.map((tally) => ({ tally, outcome: outcomeOf({ d: domain, pr: record }, tally) }));
  const [first] = read;
  if (!first?.outcome) return undefined;
  return {
    domain: first.outcome.domain,
    record: first.outcome.record,
    policies: read.flatMap(({ tally, outcome }) => (outcome ? [withTypesOf(tally, outcome)] : [])),
  };
}

function outcomeOf(envelope: JsonObject, { policy, failures }: PolicyTally): TalliedOutcome | undefined {
  const details = failures.map((failure) => failureJson(failure.details));
  return readInDatagrams(envelope, policyJson(policy), details);
}

/** By as many datagrams as it takes. Undefined when they cannot be read. */
export function readInDatagrams(
  envelope: JsonObject,
  policy: JsonObject,
  failures: readonly JsonObject[],
): TalliedOutcome | undefined {
  const parts: TalliedOutcome[] = [];
  for (let start = 0; start === 0 || start < failures.length; start += FAILURES_OF_ONE_DATAGRAM) {
    const details = failures.slice(start, start + FAILURES_OF_ONE_DATAGRAM);
    const reading = readSession({ ...envelope, policies: [{ ...policy, 'failure-details': details }] });
    const [outcome] = reading.kind === 'session' ? reading.session.outcomes : [];
    if (reading.kind !== 'session' || !outcome) return undefined;
    const { domain, record } = reading.session;
    parts.push({ domain, record, policy: outcome.policy, failures: outcome.failures });
  }
  const [first] = parts;
  return first && { ...first, failures: parts.flatMap((part) => part.failures) };
}

function withTypesOf({ policy, failures, ...counts }: PolicyTally, outcome: TalliedOutcome): PolicyTally {
  const type = isKnownPolicyType(policy.type) ? outcome.policy.type : policy.type;
  return {
    ...counts,
    policy: { ...outcome.policy, type },
    failures: failures.map(({ details, sessions }, index) => ({
      details: withResultTypeOf(details, outcome.failures[index] ?? details),
      sessions,
    })),
  };
}

function withResultTypeOf({ resultType }: FailureDetails, read: FailureDetails): FailureDetails {
  return isKnownResultType(resultType) ? read : { ...read, resultType };
}
