/**
 * Delivers the reports that are due, of all days in one queue.
 *
 * Leaves alone what has reached its end and, by default, what is not due yet. Can be run again at any time, also beside another run. Told to
 * stop, it begins nothing more, lets what is under way come to its end, writes that down and ends.
 * Problems: store-locked, store-damaged, disk-full. Events: destination-ceiling-reached, destination-silent, mail-server-refuses, and those
 * of attempt-delivery.ts and destination-book.ts.
 */
import { destinationCeilingReached, destinationSilent, mailServerRefuses } from '#events/send-events.ts';
import type { Outbox } from '#store/outbox/outbox.ts';
import type { Store } from '#store/store.ts';
import { givingTurns } from '#support/giving-turns.ts';
import { problemOf } from '#support/internal-error.ts';
import type { Problem } from '#support/problem.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { attemptDelivery } from './attempt-delivery.ts';
import type { AttemptOptions, Deliverers, QueuedDelivery } from './attempt-delivery.ts';
import { DayLedger } from './day-ledger.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import type { QueueLimits } from './delivery-queue.ts';
import { DestinationBook } from './destination-book.ts';
import { HostCounter } from './host-counter.ts';
import { MailServerTrouble } from './mail-server-trouble.ts';
import { receiverOf } from './planned-delivery.ts';
import { isDue } from './retry-policy.ts';
import { SilentReceivers } from './silent-receivers.ts';
import { Transmissions } from './transmissions.ts';
import { workOff } from './work-off.ts';

export interface SendSelection {
  /** Undefined: every day in the outbox. */
  readonly day: UtcDay | undefined;
  /** Empty: every policy domain. */
  readonly domains: readonly string[];
  /** Of these only the ones that it is true for. */
  readonly isMeant?: (policyDomain: string) => boolean;
  /** Also what is not due yet. */
  readonly evenIfNotDue: boolean;
}

/** Called for a day whose outbox cannot be worked with, or a delivery that fails for a reason that nobody foresaw; the others go on. */
export type DayRefused = (problem: Problem) => void;

export interface SendProgress {
  /** So many more are due than was known. */
  expect(deliveries: number): void;
  /** So many more are dealt with. */
  advance(deliveries: number): void;
}

export interface SendOptions extends SendSelection, Deliverers, QueueLimits {
  readonly store: Store;
  /** How long an attempt waits for a receiver that is reached by `mailto` or `https`. */
  readonly timeoutMsOf: (way: string) => number;
  /** How many reports one host, or the mailboxes of one domain, get in one UTC day. */
  readonly maxPerDestination: number;
  readonly progress: SendProgress;
  readonly dayRefused: DayRefused;
  /** Under which name the reports that hosts are given are counted; by default that of the day. */
  readonly countedAs?: string;
  /** Aborted when it is told to stop. */
  readonly stopping: AbortSignal;
}

/** Returns how many of the selected deliveries still wait for a later attempt. */
export async function sendReports(options: SendOptions): Promise<number> {
  const { store, log, stopping } = options;
  const destinations = new DestinationBook({ ...options, stored: store.destinations, failed: options.dayRefused });
  const queue = new DeliveryQueue<QueuedDelivery>(options);
  const [silent, trouble] = [new SilentReceivers(options.timeoutMsOf), new MailServerTrouble()];
  const transmissions = new Transmissions(options.parallel);
  const upcoming: AttemptOptions['upcoming'] = (way) => queue.upcoming(way);
  const tally = new RunTally(options);
  const { deliveryFailed } = tally.callbacks;
  const ledgers = await fillQueue(queue, tally, options);
  const attempts = { ...options, destinations, silent, trouble, transmissions, upcoming, deliveryFailed };
  try {
    await workOff(queue, attemptWith(attempts), stopping);
  } finally {
    await trouble.settle().finally(() => Promise.all(ledgers.map((ledger) => ledger.close())));
    await destinations.save();
  }
  for (const [host, reports] of tally.putOff) log(destinationCeilingReached(host, reports, options.maxPerDestination));
  for (const [receiver, left] of silent.left) log(destinationSilent(receiver, left));
  if (trouble.refused > 0) log(mailServerRefuses(trouble.refused, trouble.lastReply));
  return tally.waiting;
}

function attemptWith(
  options: Omit<AttemptOptions, 'giveSlotFree'> & Pick<SendOptions, 'progress'>,
): (queued: QueuedDelivery, giveSlotFree: () => void) => Promise<void> {
  return async (queued, giveSlotFree) => {
    await attemptDelivery(queued, { ...options, giveSlotFree });
    options.progress.advance(1);
  };
}

/** The days that are in it, oldest first. */
async function fillQueue(
  queue: DeliveryQueue<QueuedDelivery>,
  tally: RunTally,
  options: SendOptions,
): Promise<DayLedger[]> {
  const { store, dayRefused, clock, maxPerDestination: maxPerHost } = options;
  const counter = new HostCounter({ stored: store.hostCounts, log: options.log, failed: dayRefused });
  const ledgers: DayLedger[] = [];
  for (const day of selectedDays(options)) {
    const outbox = opened(store, day, dayRefused);
    if (!outbox) continue;
    const ledger = new DayLedger(day, outbox, {
      ...tally.callbacks,
      dayRefused,
      clock,
      counter,
      countedAs: options.countedAs ?? day,
      maxPerHost,
    });
    await queueDay(queue, ledger, options);
    ledgers.push(ledger);
  }
  return ledgers;
}

function opened({ outboxes }: Store, day: UtcDay, dayRefused: DayRefused): Outbox | undefined {
  try {
    return outboxes.open(day);
  } catch (error) {
    dayRefused(problemOf(error, `The outbox of ${day} could not be opened`));
    return undefined;
  }
}

/** A list of a million deliveries takes a while to read. */
const ROWS_PER_TURN = 1_000;

/** A day of which nothing is due is closed at once. */
async function queueDay(queue: DeliveryQueue<QueuedDelivery>, ledger: DayLedger, options: SendOptions): Promise<void> {
  const nowMs = options.clock.nowMs();
  let due = 0;
  ledger.expect();
  for await (const delivery of givingTurns(ledger.waitingDeliveries(), { valuesPerTurn: ROWS_PER_TURN })) {
    if (options.stopping.aborted) break;
    if (!isSelected(delivery, options) || !(options.evenIfNotDue || isDue(delivery, nowMs))) continue;
    queue.add({ ledger, number: delivery.number }, receiverOf(readDestination(delivery.destination)));
    ledger.expect();
    due += 1;
  }
  if (due > 0) options.progress.expect(due);
  await ledger.settle();
}

export function selectedDays({ store, day }: Pick<SendOptions, 'store' | 'day'>): UtcDay[] {
  return store.outboxes.days().filter((candidate) => day === undefined || candidate === day);
}

export function isSelected(
  { policyDomain }: { readonly policyDomain: string },
  { domains, isMeant = () => true }: SendSelection,
): boolean {
  return (domains.length === 0 || domains.includes(policyDomain)) && isMeant(policyDomain);
}

/** Of deliveries that fail; a day with thousands of them is told by the first ones. */
const MOST_FAILURES_TOLD = 10;

class RunTally {
  /** How many of the selected deliveries wait in the end. */
  waiting = 0;
  /** How many reports each host was not given because it had had its share. */
  readonly putOff = new Map<string, number>();
  readonly #options: SendOptions;
  #failures = 0;

  constructor(options: SendOptions) {
    this.#options = options;
  }

  readonly callbacks = {
    noteWaiting: (byDomain: ReadonlyMap<string, number>): void => {
      for (const [policyDomain, deliveries] of byDomain)
        if (isSelected({ policyDomain }, this.#options)) this.waiting += deliveries;
    },
    notePutOff: (host: string): void => {
      this.putOff.set(host, (this.putOff.get(host) ?? 0) + 1);
    },
    deliveryFailed: (problem: Problem): void => {
      this.#failures += 1;
      if (this.#failures <= MOST_FAILURES_TOLD) this.#options.dayRefused(problem);
    },
  } as const;
}
