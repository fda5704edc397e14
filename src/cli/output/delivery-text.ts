/**
 * Deliveries as people and programs are shown them.
 */
import type { Delivery } from '#tlsrpt/delivery.ts';
import { withoutControls } from './log-writer.ts';
import { formatTable } from './table.ts';

export function deliveryJson({
  policyDomain,
  reportId,
  destination,
  state,
  attempts,
  lastResult,
  nextAttemptMs,
}: Delivery): unknown {
  return {
    policyDomain,
    reportId,
    destination,
    state,
    attempts,
    lastResult: lastResult ?? null,
    nextAttempt: timeOf(nextAttemptMs),
  };
}

/** Of deliveries of many reports. */
export function reportDeliveriesTable(deliveries: readonly Delivery[]): string {
  const rows = deliveries.map((delivery) => [delivery.reportId, ...rowOf(delivery)]);
  return formatTable([['report-id', ...HEADER], ...rows.map((row) => row.map(withoutControls))]);
}

/** Of deliveries of one report. */
export function deliveriesTable(deliveries: readonly Delivery[]): string {
  return formatTable([HEADER, ...deliveries.map((delivery) => rowOf(delivery).map(withoutControls))]);
}

const HEADER = ['policy domain', 'destination', 'state', 'attempts', 'next attempt', 'last result'];

function rowOf({ policyDomain, destination, state, attempts, nextAttemptMs, lastResult }: Delivery): string[] {
  return [policyDomain, destination, state, String(attempts), timeOf(nextAttemptMs) ?? '-', lastResult ?? '-'];
}

function timeOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}
