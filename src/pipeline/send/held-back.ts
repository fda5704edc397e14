/**
 * A delivery that cannot be made as the settings are, which the operator can mend: it waits, and is looked at again.
 *
 * Nothing was attempted, so its 24 hours (RFC 8460 5.5) have not begun, and a report whose transmission has not started is built anew by the
 * next `report` about its day.
 */
import type { DeliveryResult } from '#store/outbox/outbox-entries.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';

const LOOK_AGAIN_MS = 3_600_000;

export interface Hold {
  readonly why: string;
  readonly nowMs: number;
}

export function heldBack(delivery: Delivery, { why, nowMs }: Hold): DeliveryResult {
  const { reportId, destination, state, attempts, firstAttemptMs } = delivery;
  const lastResult = `held back: ${why}`;
  return { reportId, destination, state, attempts, firstAttemptMs, lastResult, nextAttemptMs: nowMs + LOOK_AGAIN_MS };
}
