/**
 * Reads what sys4's tlsrpt-reporter adds up for one policy: the JSON text of a policy, counts, and a JSON text for each failure.
 *
 * The texts are pieces of datagrams and as foreign as those, so what reads datagrams reads them, within its limits; as values, since text
 * that is nested deeply can be parsed but not be written again. Of one policy a
 * bounded number of different failures is kept; further ones count under their failure code alone.
 */
import { datagramLimits } from '#tlsrpt/datagram.ts';
import { readInDatagrams } from '#tlsrpt/foreign-tally.ts';
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

/** Undefined when it cannot be what it should be. */
export function readSys4Tally({ domain, record, policy, total, failed, failures }: Sys4Tally): DomainTally | undefined {
  if (!isCount(total) || !isCount(failed) || failed > total) return undefined;
  const policyJson = parseObject(policy);
  const failureJsons = failures.map(([text]) => parseObject(text));
  const counts = failures.map(([, sessions]) => sessions);
  if (!policyJson || !failureJsons.every((json) => json !== undefined) || !counts.every(isCount)) return undefined;
  const bounded = failureJsons.map((json, index) => (index < MAX_DIFFERENT_FAILURES ? json : { c: json['c'] }));
  const outcome = readInDatagrams({ d: domain, pr: record }, policyJson, bounded);
  if (!outcome) return undefined;
  const tallied = outcome.failures.map((details, index): FailureTally => ({ details, sessions: counts[index] ?? 0 }));
  const tally = { policy: outcome.policy, successful: total - failed, failed, failures: tallied };
  return { domain: outcome.domain, record: outcome.record, policies: mergePolicyTallies([tally]) };
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
