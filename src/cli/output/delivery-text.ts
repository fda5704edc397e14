/**
 * Deliveries as people and programs are shown them.
 */
import { groupBy } from '#support/group-by.ts';
import { withoutControls } from '#support/without-controls.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import { wrapText } from '#tlsrpt/plain-lines.ts';
import type { Meaning, Paint } from './paint.ts';

const COLUMNS = 80;
const INDENT = ' '.repeat(4);

const meanings: Readonly<Record<DeliveryState, Meaning>> = {
  queued: 'waits',
  deferred: 'waits',
  delivered: 'good',
  bounced: 'bad',
  refused: 'bad',
  expired: 'bad',
  suppressed: 'waits',
};

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

/** Of deliveries of many reports: each report in a line, and its deliveries below it. */
export function reportDeliveriesText(deliveries: readonly Delivery[], paint: Paint): string {
  const reports = [...groupBy(deliveries, ({ reportId }) => reportId)];
  return reports
    .map(([reportId, ofReport]) => {
      const header = `${withoutControls(reportId)}  ${withoutControls(ofReport[0].policyDomain)}\n`;
      return header + ofReport.map((delivery) => deliveryText(delivery, paint)).join('');
    })
    .join('');
}

/** Lines for a narrow terminal; only an address that is longer than one makes a longer line. */
export function deliveryText(delivery: Delivery, paint: Paint): string {
  const { destination, state, attempts, nextAttemptMs, lastResult } = delivery;
  const next = nextAttemptMs === undefined ? '' : `, next ${String(timeOf(nextAttemptMs))}`;
  const tried =
    attempts === 0 && next === '' ? '' : `${String(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}${next}`;
  return addressText({ address: destination, state, fact: tried, words: lastResult }, paint);
}

export interface ShownAddress {
  readonly address: string;
  readonly state: DeliveryState;
  /** What stands behind the address, or below it where there is no room; may be empty. */
  readonly fact: string;
  /** The receiver's, with what a stranger may write. */
  readonly words: string | undefined;
}

export function addressText({ address, state, fact, words }: ShownAddress, paint: Paint): string {
  const shown = withoutControls(address);
  const hasRoom = `  ${state}  ${shown}  ${fact}`.length <= COLUMNS;
  const behind = fact === '' ? '' : `${hasRoom ? '  ' : `\n${INDENT}`}${fact}`;
  const why = words === undefined ? [] : wrapText(withoutControls(words), { first: INDENT, others: INDENT });
  return [`  ${stateText(state, paint)}  ${shown}${behind}`, ...why].map((line) => `${line}\n`).join('');
}

export function stateText(state: DeliveryState, paint: Paint): string {
  return paint(meanings[state], state);
}

function timeOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}
