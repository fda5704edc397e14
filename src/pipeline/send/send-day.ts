/**
 * Hands over what is due in one day's outbox, and notes each outcome before anything else is done with that delivery.
 *
 * Do, then mark: a crash in between hands the report over again under the same report-id, which receivers can recognise, whereas
 * marking first could lose it. Only that a report begins to be handed over is marked first, so it is not built anew meanwhile.
 *
 * RFC 8460 5.5. Problems: report-deferred, report-refused, report-expired.
 */
import pLimit from 'p-limit';
import type { Log } from '#events/event.ts';
import {
  reportDeferred,
  reportDelivered,
  reportExpired,
  reportRefused,
  reportSuppressed,
} from '#events/send-events.ts';
import type { DestinationResult } from '#store/destinations.ts';
import type { DeliveryResult, Outbox } from '#store/outbox.ts';
import type { Clock } from '#support/clock.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { readReportingAddress } from '#tlsrpt/reporting-address.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';
import type { DeliveryOutcome, ReportTransport } from './report-transport.ts';
import { nextAttemptMs } from './retry-policy.ts';

export interface Deliverers {
  readonly transports: Readonly<Record<ReportingAddress['scheme'], ReportTransport>>;
  readonly isSuppressed: (destination: string) => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** How many deliveries are under way at once. */
  readonly parallel: number;
}

/** Attempts each of `deliveries`; returns what their destinations answered. */
export async function sendDay(
  outbox: Outbox,
  deliveries: readonly Delivery[],
  deliverers: Deliverers,
): Promise<DestinationResult[]> {
  outbox.beginHandingOver(new Set(deliveries.map(({ reportId }) => reportId)));
  const limit = pLimit(deliverers.parallel);
  return Promise.all(deliveries.map((delivery) => limit(() => attempt(outbox, delivery, deliverers))));
}

async function attempt(outbox: Outbox, delivery: Delivery, deliverers: Deliverers): Promise<DestinationResult> {
  const startedMs = deliverers.clock.nowMs();
  const outcome = await outcomeOf(outbox, delivery, deliverers);
  const result = resultOf(outcome, delivery, startedMs, deliverers);
  outbox.noteResult(result);
  tell(result, delivery, deliverers.log);
  return { address: delivery.destination, state: result.state, result: result.lastResult, atMs: startedMs };
}

type Outcome = DeliveryOutcome | { readonly kind: 'suppressed'; readonly reply: string };

async function outcomeOf(
  outbox: Outbox,
  { reportId, destination }: Delivery,
  deliverers: Deliverers,
): Promise<Outcome> {
  if (deliverers.isSuppressed(destination)) return { kind: 'suppressed', reply: 'the address is suppressed' };
  const report = outbox.report(reportId);
  const reading = readReportingAddress(destination);
  if (!report) throw new Error(`${reportId} has a delivery, but is not in the outbox`);
  if (reading.kind === 'unusable') return { kind: 'refused', reply: `${destination} cannot be used: ${reading.why}` };
  return deliverers.transports[reading.address.scheme].deliver(report.outgoing, reading.address);
}

function resultOf(
  outcome: Outcome,
  delivery: Delivery,
  startedMs: number,
  { clock, random }: Deliverers,
): DeliveryResult {
  const { reportId, destination } = delivery;
  if (outcome.kind === 'suppressed') {
    return { ...delivery, state: 'suppressed', lastResult: outcome.reply, nextAttemptMs: undefined };
  }
  const attempts = delivery.attempts + 1;
  const firstAttemptMs = delivery.firstAttemptMs ?? startedMs;
  const attempted = { reportId, destination, attempts, firstAttemptMs, lastResult: outcome.reply };
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

function tell({ state, lastResult, nextAttemptMs: nextMs }: DeliveryResult, delivery: Delivery, log: Log): void {
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
    case 'suppressed':
      log(reportSuppressed(delivery));
      break;
    case 'deferred':
    case 'queued':
      log(reportDeferred(delivery, lastResult, new Date(nextMs ?? 0).toISOString()));
      break;
  }
}
