/**
 * Sessions added up: what a day file keeps and what a report is built from.
 */
import type { FailureDetails, Policy } from './session.ts';

export interface FailureTally {
  readonly details: FailureDetails;
  readonly sessions: number;
}

export interface PolicyTally {
  readonly policy: Policy;
  readonly successful: number;
  readonly failed: number;
  readonly failures: readonly FailureTally[];
}

/** Everything that was seen for one domain under one TLSRPT record. */
export interface DomainTally {
  readonly domain: string;
  readonly record: string | undefined;
  readonly policies: readonly PolicyTally[];
}

/** The same policy has the same key, whatever host saw it. */
export function policyKey(policy: Policy): string {
  return JSON.stringify([policy.type, policy.domain, policy.strings, policy.mxHosts]);
}

/** The same failure has the same key, whatever host saw it. */
export function failureKey(details: FailureDetails): string {
  return JSON.stringify([
    details.resultType,
    details.sendingMtaIp,
    details.receivingMxHostname,
    details.receivingMxHelo,
    details.receivingIp,
    details.additionalInformation,
    details.failureReasonCode,
  ]);
}

/** Adds up the tallies of several hosts or records. Ordered by key, so the same sessions always give the same list. */
export function mergePolicyTallies(tallies: readonly PolicyTally[]): PolicyTally[] {
  return groupBy(tallies, (tally) => policyKey(tally.policy)).map((same) => ({
    policy: first(same).policy,
    successful: sum(same.map((tally) => tally.successful)),
    failed: sum(same.map((tally) => tally.failed)),
    failures: mergeFailureTallies(same.flatMap((tally) => tally.failures)),
  }));
}

/** The most frequent failure comes first. */
function mergeFailureTallies(tallies: readonly FailureTally[]): FailureTally[] {
  return groupBy(tallies, (tally) => failureKey(tally.details))
    .map((same) => ({ details: first(same).details, sessions: sum(same.map((tally) => tally.sessions)) }))
    .sort((a, b) => b.sessions - a.sessions);
}

/** In the order of the keys. */
function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([, group]) => group);
}

function first<T>(group: [T, ...T[]]): T {
  return group[0];
}

/** Stops at the largest number that JSON readers take exactly (RFC 7493 2.2), so that the order of adding does not matter. */
function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => Math.min(total + count, Number.MAX_SAFE_INTEGER), 0);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
