/**
 * The state directory in numbers, for who asks every few seconds: what `status --json` says, without a word about any one report, and what was
 * seen by policy type and result type.
 *
 * Takes no lock. What cannot be read is left out and is among `problems`. Of days before yesterday nothing is read but the outbox.
 */
import type { DeliveryCount, DeliverySums } from '#store/outbox/delivery-sums.ts';
import type { SessionSums } from '#store/sessions/session-sums.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import { sumOf } from '#support/sum-of.ts';
import { previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { judgeHealth } from './judge-health.ts';
import { readCollected } from './read-collected.ts';
import type { CollectedStatus } from './read-collected.ts';
import { readHealth } from './read-health.ts';
import type { Health } from './read-health.ts';
import { readInboundFigures } from './read-inbound-figures.ts';
import type { InboundFigures } from './read-inbound-figures.ts';
import { allDays, missingOn } from './read-status.ts';

export interface Figures {
  readonly nowMs: number;
  readonly health: Health;
  /** What `status --health` says. Empty when all is well. */
  readonly healthProblems: readonly Problem[];
  readonly today: DayFigures;
  readonly yesterday: DayFigures;
  /** Of all days that are kept. */
  readonly outboxes: DeliverySums;
  /** Each counted for each day. */
  readonly missingSources: number;
  readonly inbound: InboundFigures;
  /** What cannot be read. */
  readonly problems: readonly Problem[];
}

export interface DayFigures {
  readonly day: UtcDay;
  readonly collected: CollectedStatus;
  /** One for each state directory; to be added up. */
  readonly sums: readonly SessionSums[];
}

export interface FiguresOptions {
  readonly store: Store;
  /** The names of the configured sources. */
  readonly sources: readonly string[];
  readonly nowMs: number;
}

type Note = (problem: Problem) => void;

export function readFigures(options: FiguresOptions): Figures {
  const { store, nowMs } = options;
  const problems: Problem[] = [];
  const note: Note = (problem) => problems.push(problem);
  const today = utcDayOf(nowMs);
  const health = readHealth(store, nowMs);
  return {
    nowMs,
    health,
    healthProblems: judgeHealth(health, nowMs),
    today: readDay(store, today, note),
    yesterday: readDay(store, previousDay(today), note),
    outboxes: addedUp(sumsOfOutboxes(store, nowMs, note)),
    missingSources: countMissing(options, note),
    inbound: readInboundFigures(store, today, note),
    problems,
  };
}

function readDay(store: Store, day: UtcDay, note: Note): DayFigures {
  const sums: SessionSums[] = [];
  const collected = readCollected(store, day, note, (reader) => sums.push(reader.sums()));
  return { day, collected, sums };
}

function sumsOfOutboxes({ outboxes }: Store, nowMs: number, note: Note): DeliverySums[] {
  const days = containProblem(() => outboxes.days(), note) ?? [];
  return days.flatMap((day) => containProblem(() => outboxes.sums(day, nowMs), note) ?? []);
}

function countMissing(options: FiguresOptions, note: Note): number {
  const days = containProblem(() => allDays(options.store), note) ?? [];
  const counts = days.map((day) => containProblem(() => missingOn(day, options).length, note) ?? 0);
  return sumOf(counts);
}

function addedUp(days: readonly DeliverySums[]): DeliverySums {
  const counts = new Map<string, DeliveryCount>();
  for (const { kind, state, count } of days.flatMap(({ deliveries }) => deliveries)) {
    const key = `${kind} ${state}`;
    counts.set(key, { kind, state, count: (counts.get(key)?.count ?? 0) + count });
  }
  const timesOf = (time: (sums: DeliverySums) => number | undefined): number[] =>
    days.flatMap((sums) => time(sums) ?? []);
  return {
    reports: sumOf(days.map(({ reports }) => reports)),
    withheld: sumOf(days.map(({ withheld }) => withheld)),
    deliveries: [...counts.values()],
    firstDueMs: leastOf(timesOf(({ firstDueMs }) => firstDueMs)),
    firstTriedMs: leastOf(timesOf(({ firstTriedMs }) => firstTriedMs)),
    lastDeliveredMs: mostOf(timesOf(({ lastDeliveredMs }) => lastDeliveredMs)),
  };
}

/** One for each day, so they are few. */
function leastOf(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

function mostOf(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}
