/**
 * Deliveries as people and programs are shown them.
 */
import { groupBy } from '#support/group-by.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
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

/** Of deliveries of many reports: each report in a line, and its deliveries below it. `stateText` may colour a state. */
export function reportDeliveriesText(
  deliveries: readonly Delivery[],
  stateText: (state: DeliveryState) => string,
): string {
  const reports = [...groupBy(deliveries, ({ reportId }) => reportId)];
  return reports
    .map(([reportId, ofReport]) => {
      const header = `${withoutControls(reportId)}  ${withoutControls(ofReport[0].policyDomain)}\n`;
      return header + ofReport.map((delivery) => deliveryText(delivery, stateText)).join('');
    })
    .join('');
}

function deliveryText(delivery: Delivery, stateText: (state: DeliveryState) => string): string {
  const { destination, state, attempts, nextAttemptMs, lastResult } = delivery;
  const next = nextAttemptMs === undefined ? '' : `, next ${String(timeOf(nextAttemptMs))}`;
  const tried =
    attempts === 0 && next === '' ? '' : `  ${String(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}${next}`;
  const why = lastResult === undefined ? '' : `    ${withoutControls(lastResult)}\n`;
  return `  ${stateText(state)}  ${withoutControls(destination)}${tried}\n${why}`;
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
