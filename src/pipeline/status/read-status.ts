/**
 * What is in the state directory, day by day: collected, built, delivered, waiting. Reads only.
 */
import type { Withholding } from '#store/outbox/outbox-entries.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { readCollected } from './read-collected.ts';
import type { CollectedStatus } from './read-collected.ts';

export interface DayStatus {
  readonly day: UtcDay;
  /** On this host and those it fetched from, each state directory once. */
  readonly collected: CollectedStatus;
  /** The sources whose part of the day is not here, though it is over. */
  readonly missing: readonly string[];
  readonly reports: number;
  readonly deliveries: readonly Delivery[];
  /** Domains that were sent mail on that day, and on which there is no report yet or on purpose. */
  readonly withheld: readonly Withholding[];
  /** What of the day cannot be read, and is left out. */
  readonly problems: readonly Problem[];
}

export interface StatusOptions {
  readonly store: Store;
  /** Undefined: every day there is. */
  readonly day: UtcDay | undefined;
  /** The names of the configured sources. */
  readonly sources: readonly string[];
  readonly nowMs: number;
  /** Empty: every policy domain. */
  readonly domains: readonly string[];
}

/** Oldest day first. What a clock that was ahead has begun and nothing came for is no day yet, unless it is asked for. */
export function readStatus(options: StatusOptions): DayStatus[] {
  if (options.day !== undefined) return [statusOf(options.day, options)];
  const today = utcDayOf(options.nowMs);
  const days = allDays(options.store).map((day) => statusOf(day, options));
  return days.filter((status) => status.day <= today || holdsSomething(status));
}

/** Also where it cannot be read. */
function holdsSomething({ collected, reports, deliveries, withheld, problems }: DayStatus): boolean {
  const counts = [collected.datagrams, collected.dropped, reports, deliveries.length, withheld.length, problems.length];
  return counts.some((count) => count > 0);
}

/** Of which anything is known, oldest first. */
export function allDays({ sessions, fetched, outboxes }: Store): UtcDay[] {
  return [...new Set([...sessions.days(), ...fetched.allDays(), ...fetched.resultDays(), ...outboxes.days()])].sort();
}

function statusOf(day: UtcDay, options: StatusOptions): DayStatus {
  const { store, domains } = options;
  const problems: Problem[] = [];
  const refused = (problem: Problem): unknown => problems.push(problem);
  const outbox = containProblem(() => store.outboxes.read(day), refused);
  const isRequested = ({ policyDomain }: { policyDomain: string }): boolean =>
    domains.length === 0 || domains.includes(policyDomain);
  return {
    day,
    collected: readCollected(store, day, refused),
    missing: containProblem(() => missingOn(day, options), refused) ?? [],
    reports: (outbox?.reports ?? []).filter(isRequested).length,
    deliveries: (outbox?.deliveries ?? []).filter(isRequested),
    withheld: (outbox?.withheld ?? []).filter(isRequested),
    problems,
  };
}

/** On days before yesterday only sources that were asked are expected: the others may be newer than the day. */
export function missingOn(
  day: UtcDay,
  { store, sources, nowMs }: Pick<StatusOptions, 'store' | 'sources' | 'nowMs'>,
): string[] {
  const today = utcDayOf(nowMs);
  if (day >= today) return [];
  return store.fetched.missingSources({ day, nowMs }, day === previousDay(today) ? sources : []);
}
