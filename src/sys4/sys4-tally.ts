/**
 * Reads what sys4's tlsrpt-reporter adds up for one policy: the JSON text of a policy, counts, and a JSON text for each failure.
 *
 * The texts are pieces of datagrams and as foreign as those, so what reads datagrams reads them, within its limits; as values, since text
 * that is nested deeply can be parsed but not be written again. Of one policy a
 * bounded number of different failures is kept; further ones count under their failure code alone. What cannot be read is left out
 * and named, so that one odd row costs itself alone.
 */
import { datagramLimits } from '#tlsrpt/datagram.ts';
import { canonicalDomain, isUsableDomain } from '#tlsrpt/domain-name.ts';
import { parseObject } from '#tlsrpt/foreign-field.ts';
import type { JsonObject } from '#tlsrpt/foreign-field.ts';
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

/** What of it counts. */
export interface Sys4Reading {
  readonly tallies: readonly DomainTally[];
  /** The rest, as phrases. */
  readonly leftOut: readonly string[];
  /** A name that is no domain name, of which nothing counts. */
  readonly unusable?: string;
}

interface CountedFailure {
  readonly json: JsonObject;
  readonly sessions: number;
}

const MAX_DIFFERENT_FAILURES = 1_000;
const MAX_SHOWN_LENGTH = 80;
/** Longer than any name is in U-labels. */
const MAX_NAME_LENGTH = 1_000;
const LETTERS_AND_DIGITS = /^[\p{L}\p{M}\p{N}._-]+$/u;

/**
 * Whether a report can be about the name, and a fetcher be asked about it. sys4 keeps names as they came, so one may have U-labels; nothing that an
 * option or a shell could be made of is one. A day holds the same by whatever way it came: two copies of it are known by that.
 */
export function isPolicyDomain(name: string): boolean {
  const isPlain = name.length <= MAX_NAME_LENGTH && LETTERS_AND_DIGITS.test(name);
  return isPlain && isUsableDomain(canonicalDomain(name));
}

/** A failure that cannot be read costs itself alone. */
export function readSys4Tally({ domain, record, policy, total, failed, failures }: Sys4Tally): Sys4Reading {
  if (!isPolicyDomain(domain)) return { tallies: [], leftOut: [], unusable: domain };
  const name = shownName(domain);
  if (!isCount(total) || !isCount(failed) || failed > total)
    return nothingBut(`a policy of ${name} with ${shownCount(failed)} failed of ${shownCount(total)} sessions`);
  const policyJson = boundedObject(policy);
  if (!policyJson) return nothingBut(`a policy of ${name} that is no JSON object`);
  const counted = failures.flatMap(readFailure);
  const bounded = counted.map(({ json }, index) => (index < MAX_DIFFERENT_FAILURES ? json : { c: json['c'] }));
  const outcome = readInDatagrams({ d: domain, pr: record }, policyJson, bounded);
  if (!outcome) return nothingBut(`a policy of ${name} that no mail server can have`);
  const tallied = outcome.failures.map((details, index): FailureTally => ({
    details,
    sessions: counted[index]?.sessions ?? 0,
  }));
  const tally = { policy: outcome.policy, successful: total - failed, failed, failures: tallied };
  const unread = failures.length - counted.length;
  return {
    tallies: [{ domain: outcome.domain, record: outcome.record, policies: mergePolicyTallies([tally]) }],
    leftOut: unread === 0 ? [] : [`failures of ${name} that are no JSON objects with a count (${String(unread)})`],
  };
}

/** Of a domain as somebody else spells it. */
export function shownName(domain: string): string {
  return `"${domain.length > MAX_SHOWN_LENGTH ? `${domain.slice(0, MAX_SHOWN_LENGTH)}...` : domain}"`;
}

function readFailure([text, sessions]: readonly [string, unknown]): CountedFailure[] {
  const json = boundedObject(text);
  return json && isCount(sessions) ? [{ json, sessions }] : [];
}

export function nothingBut(leftOut: string): Sys4Reading {
  return { tallies: [], leftOut: [leftOut] };
}

function shownCount(count: unknown): string {
  return typeof count === 'number' ? String(count) : 'no number of';
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function boundedObject(text: string): JsonObject | undefined {
  return text.length < datagramLimits.sizeBytes ? parseObject(text) : undefined;
}
