/**
 * What a report of others says in short: all of its counts, and of its failures how many sessions each result type had.
 *
 * A report may have thousands of failures, one for each pair of addresses; whoever wants those reads the document. It has few policies and
 * result types, unless somebody made them up: so there is room for some, the first ones, and the rest is counted.
 */
import type { InboundFailure, InboundPolicy, InboundReport } from './inbound-report.ts';

export interface InboundSummary extends Omit<InboundReport, 'policies'> {
  readonly policies: readonly PolicySummary[];
  /** How many policies there are beside these, and how many result types beside those of these. */
  readonly omittedPolicies: number;
  readonly omittedTypes: number;
}

export interface PolicySummary extends Pick<InboundPolicy, 'type' | 'domain' | 'successful' | 'failed'> {
  /** Of each result type. */
  readonly failures: readonly FailureCount[];
}

export type FailureCount = Pick<InboundFailure, 'resultType' | 'sessions'>;

const MOST_POLICIES = 1_000;
/** Of all policies together. */
const MOST_RESULT_TYPES = 1_000;

export function summarizeInbound({ policies, ...report }: InboundReport): InboundSummary {
  let [room, omittedTypes] = [MOST_RESULT_TYPES, 0];
  const kept = policies.slice(0, MOST_POLICIES).map(({ type, domain, successful, failed, failures }) => {
    const counts = countFailures(failures);
    const keptCounts = counts.slice(0, room);
    room -= keptCounts.length;
    omittedTypes += counts.length - keptCounts.length;
    return { type, domain, successful, failed, failures: keptCounts };
  });
  return { ...report, policies: kept, omittedPolicies: policies.length - kept.length, omittedTypes };
}

/** In the order in which each result type comes first. */
export function countFailures(failures: readonly FailureCount[]): FailureCount[] {
  const counts = new Map<string, number>();
  for (const { resultType, sessions } of failures) counts.set(resultType, (counts.get(resultType) ?? 0) + sessions);
  return failureCounts(counts);
}

/** `sessionsByType`: for each result type. */
export function failureCounts(sessionsByType: ReadonlyMap<string, number>): FailureCount[] {
  return [...sessionsByType].map(([resultType, sessions]) => ({ resultType, sessions }));
}
