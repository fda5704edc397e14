/**
 * What is in the state directory, day by day: collected, built, delivered, waiting. Reads only.
 */
import type { Sqlite } from '#store/durable/sqlite.ts';
import { missingSources } from '#store/fetch-results.ts';
import { readOutbox } from '#store/read-outbox.ts';
import type { Withholding } from '#store/outbox.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { previousDay } from '#tlsrpt/utc-day.ts';
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
}

export interface StatusOptions {
  readonly state: StateDirectory;
  readonly sqlite: Sqlite;
  /** Undefined: every day there is. */
  readonly day: UtcDay | undefined;
  /** The names of the configured sources. */
  readonly sources: readonly string[];
  readonly today: UtcDay;
  /** Empty: every policy domain. */
  readonly domains: readonly string[];
}

/** Oldest day first. */
export function readStatus(options: StatusOptions): DayStatus[] {
  const days = options.day === undefined ? allDays(options.state) : [options.day];
  return days.map((day) => statusOf(day, options));
}

function allDays(state: StateDirectory): UtcDay[] {
  const fetched = state.fetchedSources().flatMap((source) => state.fetchedDays(source));
  return [...new Set([...state.sessionDays(), ...fetched, ...state.fetchResultDays(), ...state.outboxDays()])].sort();
}

function statusOf(day: UtcDay, options: StatusOptions): DayStatus {
  const { sqlite, state, domains } = options;
  const outbox = readOutbox(sqlite, state.outboxStem(day));
  const isRequested = ({ policyDomain }: { policyDomain: string }): boolean =>
    domains.length === 0 || domains.includes(policyDomain);
  return {
    day,
    collected: readCollected(sqlite, state, day),
    missing: missingOn(day, options),
    reports: (outbox?.reports ?? []).filter(isRequested).length,
    deliveries: (outbox?.deliveries ?? []).filter(isRequested),
    withheld: (outbox?.withheld ?? []).filter(isRequested),
  };
}

/** On days before yesterday only sources that were asked are expected: the others may be newer than the day. */
function missingOn(day: UtcDay, { state, sources, today }: StatusOptions): string[] {
  if (day >= today) return [];
  return missingSources(state, day, day === previousDay(today) ? sources : []);
}
