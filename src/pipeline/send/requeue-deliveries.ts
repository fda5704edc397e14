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
import { deliveryStates } from '#tlsrpt/delivery.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import { readDestination, receiverKey } from '#tlsrpt/destination.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** What is delivered is not sent again, and what waits need not be queued. */
export const requeueableStates = ['bounced', 'refused', 'expired', 'suppressed'] as const;

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
  /** Only tells what would be queued again. */
  readonly dryRun: boolean;
  /** Called for a day that cannot be read; the others go on. */
  readonly dayRefused: (problem: Problem) => void;
}

/** Returns what is queued again. */
export function requeueDeliveries(options: RequeueOptions): Delivery[] {
  return daysOf(options).flatMap((day) => containProblem(() => requeueDay(day, options), options.dayRefused) ?? []);
}

/** What is meant but for its state, as when nothing in such a state is. */
export function deliveriesInAnyState(options: Omit<RequeueOptions, 'clock' | 'dryRun'>): Delivery[] {
  const inAnyState = { ...options, states: deliveryStates };
  const { outboxes } = options.store;
  return daysOf(options).flatMap((day) => {
    const content = containProblem(() => outboxes.read(day), options.dayRefused);
    return content?.deliveries.filter((delivery) => isMeant(delivery, inAnyState)) ?? [];
  });
}

function daysOf({ store, day }: Pick<RequeueOptions, 'store' | 'day'>): UtcDay[] {
  return store.outboxes.days().filter((candidate) => day === undefined || candidate === day);
}

function requeueDay(day: UtcDay, options: RequeueOptions): Delivery[] {
  const { clock } = options;
  const { outboxes } = options.store;
  // A look without the lock: a day that another command works on is no obstacle unless it has something to be queued.
  const seen = outboxes.read(day)?.deliveries.filter((delivery) => isMeant(delivery, options)) ?? [];
  if (options.dryRun || seen.length === 0) return seen;
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

type Meaning = Pick<RequeueOptions, 'reportIds' | 'domains' | 'destination'> & {
  readonly states: readonly DeliveryState[];
};

function isMeant(delivery: Delivery, { reportIds, domains, destination, states }: Meaning): boolean {
  return (
    states.includes(delivery.state) &&
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
