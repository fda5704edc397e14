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

export function deliveriesTable(deliveries: readonly Delivery[]): string {
  const header = ['policy domain', 'destination', 'state', 'attempts', 'next attempt', 'last result'];
  const rows = deliveries.map(({ policyDomain, destination, state, attempts, nextAttemptMs, lastResult }) => [
    policyDomain,
    destination,
    state,
    String(attempts),
    timeOf(nextAttemptMs) ?? '-',
    lastResult ?? '-',
  ]);
  return formatTable([header, ...rows.map((row) => row.map(withoutControls))]);
}

function timeOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}
