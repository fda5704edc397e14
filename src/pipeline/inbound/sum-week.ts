/**
 * What others reported about a week, by policy: those that are verified and others apart, and of each policy what failed.
 */
import { groupBy } from '#support/group-by.ts';
import { countFailures } from '#tlsrpt/inbound-summary.ts';
import type { FailureCount } from '#tlsrpt/inbound-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { daysBefore, startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { DayResult } from './day-results.ts';
import type { InboundListing } from './list-inbound.ts';
import type { SilentReporter } from './reporter-days.ts';

export interface PolicySum {
  readonly policyDomain: string;
  readonly policyType: string;
  readonly isVerified: boolean;
  readonly reporters: number;
  /** Sessions. */
  readonly successful: number;
  readonly failed: number;
  /** The most frequent first. */
  readonly failures: readonly FailureCount[];
}

export interface WeekSums {
  /** Its Monday and its Sunday. */
  readonly firstDay: UtcDay;
  readonly lastDay: UtcDay;
  /** Those of verified reporters first, and those with the most failures. */
  readonly policies: readonly PolicySum[];
  readonly silent: readonly SilentReporter[];
}

const DAY_MS = 86_400_000;
const DAYS_OF_A_WEEK = 7;
/** 1970 began on a Thursday. */
const MONDAY = 3;
/** Reports about a Sunday come on Monday, or a day later. */
const DAYS_FOR_REPORTS = 3;

/** The Monday of the latest week of which all reports should be here. */
export function latestWeek(today: UtcDay): UtcDay {
  const sunday = daysBefore(today, DAYS_FOR_REPORTS);
  const daysSinceMonday = (startOfDayMs(sunday) / DAY_MS + MONDAY) % DAYS_OF_A_WEEK;
  return daysSinceMonday === DAYS_OF_A_WEEK - 1
    ? daysBefore(sunday, daysSinceMonday)
    : daysBefore(sunday, daysSinceMonday + DAYS_OF_A_WEEK);
}

/** `listing` has what was reported since the week began. */
export function sumWeek({ results, silent }: Pick<InboundListing, 'results' | 'silent'>, firstDay: UtcDay): WeekSums {
  const lastDay = daysBefore(firstDay, 1 - DAYS_OF_A_WEEK);
  const ofWeek = results.filter(({ day }) => day >= firstDay && day <= lastDay);
  const byPolicy = groupBy(ofWeek, ({ policyDomain, policyType, verifiedDomain }) =>
    JSON.stringify([policyDomain, policyType, verifiedDomain !== undefined]),
  );
  const policies = [...byPolicy.values()].map(sumOf);
  policies.sort(
    (a, b) => Number(b.isVerified) - Number(a.isVerified) || b.failed - a.failed || b.successful - a.successful,
  );
  return { firstDay, lastDay, policies, silent };
}

function sumOf(results: readonly [DayResult, ...DayResult[]]): PolicySum {
  const [{ policyDomain, policyType, verifiedDomain }] = results;
  const reporters = new Set(results.map((result) => JSON.stringify([result.organization, result.verifiedDomain])));
  const failures = countFailures(results.flatMap((result) => result.failures));
  return {
    policyDomain,
    policyType,
    isVerified: verifiedDomain !== undefined,
    reporters: reporters.size,
    successful: results.reduce((sum, { successful }) => sum + successful, 0),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
    failures: failures.sort((a, b) => b.sessions - a.sessions),
  };
}
