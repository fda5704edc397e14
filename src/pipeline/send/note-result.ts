/**
 * Notes what became of a delivery in the ledger, and makes it known to those who share the deliveries.
 */
import type { DeliveryResult } from '#store/outbox/outbox-entries.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { DayLedger } from './day-ledger.ts';
import type { DeliverySharing } from './delivery-sharing.ts';

export interface NotedResult {
  readonly delivery: Delivery;
  readonly result: DeliveryResult;
}

export function noteResult(
  ledger: DayLedger,
  { delivery, result }: NotedResult,
  { sharing }: { readonly sharing?: DeliverySharing | undefined },
): Promise<void> {
  const noting = ledger.noteResult(result);
  return sharing ? noting.then(() => sharing.noted({ ...delivery, ...result })) : noting;
}
