/**
 * What is in the state directory, day by day: collected, built, delivered, waiting. Reads only.
 */
import type { Sqlite } from '#store/durable/sqlite.ts';
import { readOutbox } from '#store/outbox.ts';
import { SessionDayReader } from '#store/session-day.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface DayStatus {
  readonly day: UtcDay;
  /** On this host and those it fetched from, each state directory once. */
  readonly collected: { readonly datagrams: number; readonly rejected: number; readonly domains: number };
  readonly reports: number;
  readonly deliveries: readonly Delivery[];
}

export interface StatusOptions {
  readonly state: StateDirectory;
  readonly sqlite: Sqlite;
  /** Undefined: every day there is. */
  readonly day: UtcDay | undefined;
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
  return [...new Set([...state.sessionDays(), ...fetched, ...state.outboxDays()])].sort();
}

function statusOf(day: UtcDay, options: StatusOptions): DayStatus {
  const { sqlite, state, domains } = options;
  const outbox = readOutbox(sqlite, state.outboxStem(day));
  const isAsked = ({ policyDomain }: { policyDomain: string }): boolean =>
    domains.length === 0 || domains.includes(policyDomain);
  return {
    day,
    collected: collectedOn(day, options),
    reports: (outbox?.reports ?? []).filter(isAsked).length,
    deliveries: (outbox?.deliveries ?? []).filter(isAsked),
  };
}

function collectedOn(day: UtcDay, { state, sqlite }: StatusOptions): DayStatus['collected'] {
  const fetched = state.fetchedSources();
  const stems = [
    state.sessionStem(day),
    ...fetched.map((source) => state.fetchedStem(source, day)),
    ...fetched.map((source) => state.partialFetchedStem(source, day)),
  ];
  const counters = { datagrams: 0, rejected: 0 };
  const domains = new Set<string>();
  const origins = new Set<string | undefined>();
  for (const stem of stems) {
    const reader = SessionDayReader.open(sqlite, stem);
    if (!reader) continue;
    const origin = reader.identity?.origin;
    if (!origins.has(origin)) {
      counters.datagrams += reader.counters().get('datagrams') ?? 0;
      counters.rejected += reader.counters().get('rejected') ?? 0;
      for (const domain of reader.domains()) domains.add(domain);
    }
    if (origin !== undefined) origins.add(origin);
    reader.close();
  }
  return { ...counters, domains: domains.size };
}
