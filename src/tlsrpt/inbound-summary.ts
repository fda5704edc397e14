/**
 * What a report of others says in short: all of its counts, and of its failures how many sessions each result type had.
 *
 * A report may have thousands of failures, one for each pair of addresses; whoever wants those reads the document.
 */
import type { InboundFailure, InboundPolicy, InboundReport } from './inbound-report.ts';

export interface InboundSummary extends Omit<InboundReport, 'policies'> {
  readonly policies: readonly PolicySummary[];
}

export interface PolicySummary extends Pick<InboundPolicy, 'type' | 'domain' | 'successful' | 'failed'> {
  /** Of each result type. */
  readonly failures: readonly FailureCount[];
}

export type FailureCount = Pick<InboundFailure, 'resultType' | 'sessions'>;

export function summarizeInbound({ policies, ...report }: InboundReport): InboundSummary {
  return {
    ...report,
    policies: policies.map(({ type, domain, successful, failed, failures }) => ({
      type,
      domain,
      successful,
      failed,
      failures: countFailures(failures),
    })),
  };
}

/** In the order in which each result type comes first. */
export function countFailures(failures: readonly FailureCount[]): FailureCount[] {
  const counts = new Map<string, number>();
  for (const { resultType, sessions } of failures) counts.set(resultType, (counts.get(resultType) ?? 0) + sessions);
  return [...counts].map(([resultType, sessions]) => ({ resultType, sessions }));
}
