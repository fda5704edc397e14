/**
 * Lists what others reported about us, from the reports that read has stored. Reads only.
 *
 * Days are read from the last one on, so of more than can be listed the latest is. What cannot be read is told, and everything else is listed.
 */
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { PolicySummary } from '#tlsrpt/inbound-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DayResults } from './day-results.ts';
import type { DayResult } from './day-results.ts';

const MOST_RESULTS = 50_000;
const MOST_RESULTS_OF_A_DAY = 5_000;

export interface InboundQuestion {
  readonly since: UtcDay;
  /** Canonical. Empty: every policy domain. */
  readonly domains: readonly string[];
}

export interface InboundListing {
  /** Oldest day first. */
  readonly results: readonly DayResult[];
  /** How many policies of reports are left out, as there are too many. */
  readonly omitted: number;
}

export function listInbound(
  { inbound }: Pick<Store, 'inbound'>,
  { since, domains }: InboundQuestion,
  note: (problem: Problem) => void,
): InboundListing {
  const days: (readonly DayResult[])[] = [];
  let [listed, omitted] = [0, 0];
  const isRequested = ({ domain }: PolicySummary): boolean => domains.length === 0 || domains.includes(domain);
  for (const day of inbound.days().reverse()) {
    if (day < since) break;
    const results = new DayResults(day, Math.min(MOST_RESULTS_OF_A_DAY, MOST_RESULTS - listed));
    containProblem(() => {
      for (const entry of inbound.entries(day, note)) results.add(entry, entry.report.policies.filter(isRequested));
    }, note);
    const sorted = results.sorted();
    listed += sorted.length;
    omitted += results.omitted;
    days.unshift(sorted);
  }
  return { results: days.flat(), omitted };
}
