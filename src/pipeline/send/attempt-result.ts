/**
 * What an attempt comes to: how the receiver's answer changes the delivery, and when the next attempt is due (RFC 8460 5.5).
 */
import type { DeliveryResult } from '#store/outbox/outbox-entries.ts';
import type { PlannedDelivery } from './planned-delivery.ts';
import type { DeliveryOutcome } from './report-transport.ts';
import { firstAttemptMsBy, nextAttemptMs } from './retry-policy.ts';

export interface EndedAttempt {
  readonly planned: PlannedDelivery;
  readonly outcome: DeliveryOutcome;
  readonly startedMs: number;
  /** As the clock would have had it that was there at the start. */
  readonly endedMs: number;
}

export interface AttemptResult extends DeliveryResult {
  readonly state: DeliveryOutcome['kind'] | 'expired';
}

export function resultOf({ planned, outcome, startedMs, endedMs }: EndedAttempt, random: () => number): AttemptResult {
  const { reportId, destination } = planned.delivery;
  const attempts = planned.delivery.attempts + 1;
  const firstAttemptMs = firstAttemptMsBy(startedMs, planned.delivery);
  const times = { firstAttemptMs, lastAttemptMs: startedMs };
  const attempted = { reportId, destination, attempts, ...times, lastResult: outcome.reply };
  if (outcome.kind !== 'deferred') return { ...attempted, state: outcome.kind, nextAttemptMs: undefined };
  const { retryAfterMs } = outcome;
  const next = nextAttemptMs({ attempts, firstAttemptMs, nowMs: endedMs, retryAfterMs, random });
  return { ...attempted, state: next === undefined ? 'expired' : 'deferred', nextAttemptMs: next };
}
