/**
 * Delivers the reports that are due, day by day, each outbox in one pass.
 *
 * Leaves alone what has reached its end and, by default, what is not due yet. Can be run again at any time.
 * Problems: store-locked, store-damaged, disk-full. Events: destination-ceiling-reached, and those of attempt-delivery.ts.
 */
import { destinationCeilingReached } from '#events/send-events.ts';
import type { Outbox } from '#store/outbox.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DestinationBook } from './destination-book.ts';
import { planDeliveries } from './plan-deliveries.ts';
import { sendDay } from './send-day.ts';
import type { SendDayOptions } from './send-day.ts';

export interface SendSelection {
  /** Undefined: every day in the outbox. */
  readonly day: UtcDay | undefined;
  /** Empty: every policy domain. */
  readonly domains: readonly string[];
  /** Also what is not due yet. */
  readonly evenIfNotDue: boolean;
}

/** Called for a day whose outbox cannot be opened; the others go on. */
export type DayRefused = (problem: Problem) => void;

export interface SendProgress {
  /** So many more are due than was known. */
  expect(deliveries: number): void;
  /** So many more are dealt with. */
  advance(deliveries: number): void;
}

export interface SendOptions extends SendSelection, Omit<SendDayOptions, 'destinations' | 'noteProgress'> {
  readonly store: Store;
  /** How many reports one reporting address gets in one UTC day. */
  readonly maxPerDestination: number;
  readonly progress: SendProgress;
  readonly dayRefused: DayRefused;
}

type LookOptions = Pick<SendOptions, 'store' | 'clock' | 'maxPerDestination' | 'dayRefused' | keyof SendSelection>;

const PAGE_SIZE = 500;

/** Returns how many of the selected deliveries still wait for a later attempt. */
export async function sendReports(options: SendOptions): Promise<number> {
  const destinations = bookOf(options);
  let waiting = 0;
  for (const day of daysOf(options)) waiting += await sendOneDay(day, destinations, options);
  for (const [address, reports] of destinations.putOff)
    options.log(destinationCeilingReached(address, reports, options.maxPerDestination));
  return waiting;
}

/** What `sendReports` would attempt now, for a look beforehand. */
export function dueDeliveries(options: LookOptions): Delivery[] {
  const destinations = bookOf(options);
  return daysOf(options).flatMap((day) => {
    const content = containProblem(() => options.store.outboxes.read(day), options.dayRefused);
    const { deliveries } = content ?? { deliveries: [] };
    const due = deliveries.filter((delivery) => isWaiting(delivery) && (delivery.nextAttemptMs ?? 0) <= dueMs(options));
    return planDeliveries(selected(due, options), destinations).wanted.map(({ delivery }) => delivery);
  });
}

async function sendOneDay(day: UtcDay, destinations: DestinationBook, options: SendOptions): Promise<number> {
  const outbox = containProblem(() => options.store.outboxes.open(day), options.dayRefused);
  if (!outbox) return 0;
  try {
    const due = countOf(outbox.countWaiting(dueMs(options)), options);
    if (due > 0) await sendDue(outbox, due, destinations, options);
    return countOf(outbox.countWaiting(), options);
  } finally {
    outbox.close();
  }
}

/** What was learned about destinations is written down also when the run ends early. */
async function sendDue(
  outbox: Outbox,
  due: number,
  destinations: DestinationBook,
  options: SendOptions,
): Promise<void> {
  const { progress } = options;
  progress.expect(due);
  const noteProgress = (deliveries: number): void => {
    progress.advance(deliveries);
  };
  try {
    await sendDay(outbox, duePages(outbox, options), { ...options, destinations, noteProgress });
    outbox.checkpoint();
  } finally {
    destinations.flush();
  }
}

function* duePages(outbox: Outbox, options: SendOptions): Generator<Delivery[]> {
  for (const page of outbox.waitingDeliveries({ dueMs: dueMs(options), pageSize: PAGE_SIZE }))
    yield selected(page, options);
}

function daysOf({ store, day }: LookOptions): UtcDay[] {
  return store.outboxes.days().filter((candidate) => day === undefined || candidate === day);
}

function dueMs({ clock, evenIfNotDue }: LookOptions): number {
  return evenIfNotDue ? Number.MAX_SAFE_INTEGER : clock.nowMs();
}

function selected(deliveries: readonly Delivery[], { domains }: SendSelection): Delivery[] {
  return deliveries.filter(({ policyDomain }) => domains.length === 0 || domains.includes(policyDomain));
}

function countOf(byDomain: ReadonlyMap<string, number>, { domains }: SendSelection): number {
  const wanted = domains.length === 0 ? [...byDomain.keys()] : domains;
  return [...new Set(wanted)].reduce((total, domain) => total + (byDomain.get(domain) ?? 0), 0);
}

function bookOf({ store, clock, maxPerDestination }: LookOptions): DestinationBook {
  return new DestinationBook({ stored: store.destinations, clock, maxPerDestination });
}
