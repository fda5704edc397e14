/**
 * One attempt at one delivery: transmits the report, notes the outcome in the ledger, then logs it.
 *
 * RFC 8460 5.5. Events: report-delivered, report-deferred, report-refused, report-expired, report-suppressed, destination-suppressed.
 */
import type { Log } from '#events/event.ts';
import {
  destinationSuppressed,
  reportDeferred,
  reportDelivered,
  reportExpired,
  reportRefused,
  reportSuppressed,
} from '#events/send-events.ts';
import type { DeliveryResult, Outbox } from '#store/outbox.ts';
import type { Clock } from '#support/clock.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { DestinationBook } from './destination-book.ts';
import type { OutcomeNotes } from './outcome-notes.ts';
import type { PlannedDelivery } from './plan-deliveries.ts';
import type { DeliveryOutcome, ReportTransport } from './report-transport.ts';
import { nextAttemptMs } from './retry-policy.ts';

export interface Deliverers {
  readonly transports: Readonly<Record<Destination['scheme'], ReportTransport>>;
  readonly destinations: DestinationBook;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** One day's outbox, and how outcomes get into it. */
export interface Ledger {
  readonly outbox: Outbox;
  readonly notes: OutcomeNotes;
}

export async function attemptDelivery(
  { outbox, notes }: Ledger,
  planned: PlannedDelivery,
  deliverers: Deliverers,
): Promise<void> {
  const { delivery, address, isForeign } = planned;
  const { destinations, clock, log } = deliverers;
  // The same run may have found out about it.
  if (destinations.isSuppressed(address)) {
    endSuppressed(outbox, [delivery], log);
    return;
  }
  const startedMs = clock.nowMs();
  const outcome = await outcomeOf(outbox, planned, deliverers);
  const result = resultOf(outcome, delivery, startedMs, deliverers);
  await notes.note(result);
  tell(result, delivery, isOurs(outcome) && result.state === 'deferred' ? quietly(log) : log);
  if (!isForeign) return;
  const { state, lastResult } = result;
  const suppression = destinations.note({ address, state, result: lastResult, atMs: startedMs });
  if (suppression?.untilMs !== undefined) log(destinationSuppressed(address, suppression.untilMs, lastResult));
}

/** Ends deliveries that nobody is contacted for. */
export function endSuppressed(outbox: Outbox, deliveries: readonly Delivery[], log: Log): void {
  outbox.noteResults(
    deliveries.map(({ reportId, destination, attempts, firstAttemptMs }) => ({
      reportId,
      destination,
      attempts,
      firstAttemptMs,
      state: 'suppressed',
      lastResult: 'the address is suppressed',
      nextAttemptMs: undefined,
    })),
  );
  for (const delivery of deliveries) log(reportSuppressed(delivery));
}

async function outcomeOf(
  outbox: Outbox,
  { delivery: { reportId, destination }, reading }: PlannedDelivery,
  { transports }: Deliverers,
): Promise<DeliveryOutcome> {
  const report = outbox.report(reportId);
  if (!report) throw new Error(`${reportId} has a delivery, but is not in the outbox`);
  if (reading.kind === 'unusable') return { kind: 'refused', reply: `${destination} cannot be used: ${reading.why}` };
  return transports[reading.address.scheme].deliver(report.outgoing, reading.address);
}

interface AttemptResult extends DeliveryResult {
  readonly state: DeliveryOutcome['kind'] | 'expired';
}

function resultOf(
  outcome: DeliveryOutcome,
  delivery: Delivery,
  startedMs: number,
  { clock, random }: Deliverers,
): AttemptResult {
  const { reportId, destination } = delivery;
  const attempts = delivery.attempts + 1;
  const firstAttemptMs = delivery.firstAttemptMs ?? startedMs;
  const times = { firstAttemptMs, lastAttemptMs: startedMs };
  const attempted = { reportId, destination, attempts, ...times, lastResult: outcome.reply };
  if (outcome.kind !== 'deferred') return { ...attempted, state: outcome.kind, nextAttemptMs: undefined };
  const next = nextAttemptMs({
    attempts,
    firstAttemptMs,
    nowMs: clock.nowMs(),
    retryAfterMs: outcome.retryAfterMs,
    random,
  });
  return { ...attempted, state: next === undefined ? 'expired' : 'deferred', nextAttemptMs: next };
}

function isOurs(outcome: DeliveryOutcome): boolean {
  return outcome.kind === 'deferred' && outcome.isOurs === true;
}

/** What keeps all mails from leaving is not a warning about each of them. */
function quietly(log: Log): Log {
  return (event) => {
    log(event.level === 'warning' ? { ...event, level: 'info' } : event);
  };
}

function tell({ state, lastResult, nextAttemptMs: nextMs }: AttemptResult, delivery: Delivery, log: Log): void {
  switch (state) {
    case 'delivered':
      log(reportDelivered(delivery, lastResult));
      break;
    case 'refused':
      log(reportRefused(delivery, lastResult));
      break;
    case 'expired':
      log(reportExpired(delivery, lastResult));
      break;
    case 'deferred':
      log(reportDeferred(delivery, lastResult, new Date(nextMs ?? 0).toISOString()));
      break;
  }
}
