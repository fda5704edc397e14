/**
 * Queues deliveries again that had come to their end without being delivered: the same report under the same report-id, with 24 hours
 * of attempts before it.
 *
 * Problems: store-locked, store-damaged, disk-full.
 */
import type { Store } from '#store/store.ts';
import type { Clock } from '#support/clock.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { readDestination, receiverKey } from '#tlsrpt/destination.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** What is delivered is not sent again, and what waits need not be queued. */
export const requeueableStates = ['refused', 'expired', 'suppressed'] as const;

export type RequeueableState = (typeof requeueableStates)[number];

export interface RequeueOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Undefined: every day in the outbox. */
  readonly day: UtcDay | undefined;
  /** Empty: every report. */
  readonly reportIds: readonly string[];
  /** Empty: every policy domain. */
  readonly domains: readonly string[];
  /** In the form that all spellings share; undefined: every address. */
  readonly destination: string | undefined;
  readonly states: readonly RequeueableState[];
  /** Called for a day that cannot be read; the others go on. */
  readonly dayRefused: (problem: Problem) => void;
}

/** Returns what is queued again. */
export function requeueDeliveries(options: RequeueOptions): Delivery[] {
  const days = options.store.outboxes.days().filter((day) => options.day === undefined || day === options.day);
  return days.flatMap((day) => containProblem(() => requeueDay(day, options), options.dayRefused) ?? []);
}

function requeueDay(day: UtcDay, options: RequeueOptions): Delivery[] {
  const { clock } = options;
  const { outboxes } = options.store;
  // A look without the lock: a day that another command works on is no obstacle unless it has something to be queued.
  if (!outboxes.read(day)?.deliveries.some((delivery) => isMeant(delivery, options))) return [];
  const outbox = outboxes.open(day);
  try {
    const meant = outbox.deliveries().filter((delivery) => isMeant(delivery, options));
    outbox.requeue(meant, clock.nowMs());
    outbox.checkpoint();
    return meant;
  } finally {
    outbox.close();
  }
}

function isMeant(delivery: Delivery, { reportIds, domains, destination, states }: RequeueOptions): boolean {
  return (
    states.some((state) => state === delivery.state) &&
    isAmong(reportIds, delivery.reportId) &&
    isAmong(domains, delivery.policyDomain) &&
    (destination === undefined || destination === keyOf(delivery.destination))
  );
}

function isAmong(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

function keyOf(destination: string): string {
  const reading = readDestination(destination);
  return reading.kind === 'address' ? receiverKey(reading.address) : destination;
}
