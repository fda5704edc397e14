/**
 * Hands over what is due in one day's outbox, and notes each outcome before anything else is done with that delivery.
 *
 * Do, then mark: a crash in between hands the report over again under the same report-id, which receivers can recognise, whereas
 * marking first could lose it. Only that a report begins to be handed over is marked first, so it is not built anew meanwhile.
 * When an outcome cannot be noted, nothing further is handed over, since it would be handed over once more with every run.
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
import { readDestination } from '#tlsrpt/destination.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { DeliveryOutcome, ReportTransport } from './report-transport.ts';
import { nextAttemptMs } from './retry-policy.ts';

export interface Deliverers {
  readonly transports: Readonly<Record<Destination['scheme'], ReportTransport>>;
  readonly isSuppressed: (destination: string) => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** How many deliveries are under way at once. */
  readonly parallel: number;
}

/** Attempts each of `deliveries` whose destination is not suppressed; returns what those destinations answered. */
export async function sendDay(
  outbox: Outbox,
  deliveries: readonly Delivery[],
  deliverers: Deliverers,
): Promise<DestinationResult[]> {
  const isSuppressed = ({ destination }: Delivery): boolean => deliverers.isSuppressed(destination);
  for (const delivery of deliveries.filter(isSuppressed)) endSuppressed(outbox, delivery, deliverers.log);
  const wanted = deliveries.filter((delivery) => !isSuppressed(delivery));
  outbox.beginHandingOver(new Set(wanted.map(({ reportId }) => reportId)));
  return attemptAll(outbox, wanted, deliverers);
}

function endSuppressed(outbox: Outbox, delivery: Delivery, log: Log): void {
  const { reportId, destination, attempts, firstAttemptMs } = delivery;
  const lastResult = 'the address is suppressed';
  const ended = { reportId, destination, attempts, firstAttemptMs, lastResult, nextAttemptMs: undefined };
  outbox.noteResult({ ...ended, state: 'suppressed' });
  log(reportSuppressed(delivery));
}

/** Waits for those under way also after a failure: their outcomes are still to be noted. */
async function attemptAll(
  outbox: Outbox,
  deliveries: readonly Delivery[],
  deliverers: Deliverers,
): Promise<DestinationResult[]> {
  const limit = pLimit(deliverers.parallel);
  const stopping = new AbortController();
  const attemptUnlessStopping = async (delivery: Delivery): Promise<DestinationResult[]> => {
    if (stopping.signal.aborted) return [];
    try {
      return [await attempt(outbox, delivery, deliverers)];
    } catch (error) {
      stopping.abort(error);
      return [];
    }
  };
  const results = await Promise.all(deliveries.map((delivery) => limit(() => attemptUnlessStopping(delivery))));
  stopping.signal.throwIfAborted();
  return results.flat();
}

async function attempt(outbox: Outbox, delivery: Delivery, deliverers: Deliverers): Promise<DestinationResult> {
  const startedMs = deliverers.clock.nowMs();
  const outcome = await outcomeOf(outbox, delivery, deliverers);
  const result = resultOf(outcome, delivery, startedMs, deliverers);
  outbox.noteResult(result);
  tell(result, delivery, deliverers.log);
  return { address: delivery.destination, state: result.state, result: result.lastResult, atMs: startedMs };
}

async function outcomeOf(
  outbox: Outbox,
  { reportId, destination }: Delivery,
  { transports }: Deliverers,
): Promise<DeliveryOutcome> {
  const report = outbox.report(reportId);
  const reading = readDestination(destination);
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
