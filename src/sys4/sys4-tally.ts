/**
 * Reads what sys4's tlsrpt-reporter adds up for one policy: the JSON text of a policy, counts, and a JSON text for each failure.
 *
 * The texts are pieces of datagrams and as foreign as those, so what reads datagrams reads them, within its limits; as values, since text
 * that is nested deeply can be parsed but not be written again. Of one policy a
 * bounded number of different failures is kept; further ones count under their failure code alone.
 */
import { datagramLimits, readSession } from '#tlsrpt/datagram.ts';
import type { PolicyOutcome } from '#tlsrpt/session.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { DomainTally, FailureTally } from '#tlsrpt/tally.ts';

export interface Sys4Tally {
  readonly domain: string;
  readonly record: string;
  /** `{"policy-type": 2, ...}` */
  readonly policy: string;
  /** Successes and failures together. */
  readonly total: unknown;
  readonly failed: unknown;
  /** `{"c": 201, ...}` and how often. */
  readonly failures: readonly (readonly [failure: string, sessions: unknown])[];
}

type JsonObject = Readonly<Record<string, unknown>>;

const MAX_DIFFERENT_FAILURES = 1_000;
/** Of one datagram no more than so many addresses and names are read. */
const FAILURES_OF_ONE_DATAGRAM = 100;

/** Undefined when it cannot be what it should be. */
export function readSys4Tally({ domain, record, policy, total, failed, failures }: Sys4Tally): DomainTally | undefined {
  if (!isCount(total) || !isCount(failed) || failed > total) return undefined;
  const policyJson = parseObject(policy);
  const failureJsons = failures.map(([text]) => parseObject(text));
  const counts = failures.map(([, sessions]) => sessions);
  if (!policyJson || !failureJsons.every((json) => json !== undefined) || !counts.every(isCount)) return undefined;
  const bounded = failureJsons.map((json, index) => (index < MAX_DIFFERENT_FAILURES ? json : { c: json['c'] }));
  const outcome = readOutcome({ d: domain, pr: record }, policyJson, bounded);
  if (!outcome) return undefined;
  const tallied = outcome.failures.map((details, index): FailureTally => ({ details, sessions: counts[index] ?? 0 }));
  const tally = { policy: outcome.policy, successful: total - failed, failed, failures: tallied };
  return { domain: outcome.domain, record: outcome.record, policies: mergePolicyTallies([tally]) };
}

interface Outcome extends Pick<PolicyOutcome, 'policy' | 'failures'>, Pick<DomainTally, 'domain' | 'record'> {}

/** By as many datagrams as it takes. */
function readOutcome(envelope: JsonObject, policy: JsonObject, failures: readonly JsonObject[]): Outcome | undefined {
  const parts: Outcome[] = [];
  for (let start = 0; start === 0 || start < failures.length; start += FAILURES_OF_ONE_DATAGRAM) {
    const details = failures.slice(start, start + FAILURES_OF_ONE_DATAGRAM);
    const datagram = { ...envelope, policies: [{ ...policy, 'failure-details': details }] };
    const reading = readSession(datagram);
    const [outcome] = reading.kind === 'session' ? reading.session.outcomes : [];
    if (reading.kind !== 'session' || !outcome) return undefined;
    const { domain, record } = reading.session;
    parts.push({ domain, record, policy: outcome.policy, failures: outcome.failures });
  }
  const [first] = parts;
  return first && { ...first, failures: parts.flatMap((part) => part.failures) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function parseObject(text: string): JsonObject | undefined {
  if (text.length >= datagramLimits.sizeBytes) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
