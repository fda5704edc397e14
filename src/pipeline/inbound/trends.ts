/**
 * How the counts of each policy went from day to day, over all reporters: their sessions are not the same ones.
 */
import { groupBy } from '#support/group-by.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayResult } from './day-results.ts';

export interface Trend {
  readonly policyType: string;
  readonly policyDomain: string;
  /** Sessions, one number for each of the days. */
  readonly successful: readonly number[];
  readonly failed: readonly number[];
}

/** For each of `days`; of the policies with the most sessions, these first. */
export function trendsOf(results: readonly DayResult[], days: readonly UtcDay[], most: number): Trend[] {
  const places = new Map(days.map((day, place) => [day, place]));
  return [...groupBy(results, ({ policyType, policyDomain }) => JSON.stringify([policyType, policyDomain])).values()]
    .map((ofPolicy) => ({ ofPolicy, sessions: sessionsOf(ofPolicy) }))
    .sort((a, b) => b.sessions - a.sessions)
    .slice(0, most)
    .map(({ ofPolicy }) => trendOf(ofPolicy, places));
}

/** Every day from one to another. */
export function daysFrom(first: UtcDay, last: UtcDay): UtcDay[] {
  const days: UtcDay[] = [];
  for (let day = first; day <= last; day = daysBefore(day, -1)) days.push(day);
  return days;
}

function trendOf(results: readonly [DayResult, ...DayResult[]], places: ReadonlyMap<UtcDay, number>): Trend {
  const [{ policyType, policyDomain }] = results;
  const successful = Array.from(places, () => 0);
  const failed = Array.from(places, () => 0);
  for (const result of results) {
    const place = places.get(result.day);
    if (place === undefined) continue;
    successful[place] = (successful[place] ?? 0) + result.successful;
    failed[place] = (failed[place] ?? 0) + result.failed;
  }
  return { policyType, policyDomain, successful, failed };
}

function sessionsOf(results: readonly DayResult[]): number {
  return results.reduce((sum, { successful, failed }) => sum + successful + failed, 0);
}
