/**
 * Delivers what is due in one day's outbox, and notes each outcome before anything else is done with that delivery.
 *
 * Do, then mark: a crash in between transmits the report again under the same report-id, which receivers can recognise, whereas
 * marking first could lose it. Only the start of a transmission is marked first, so that the report is not built anew meanwhile.
 * When an outcome cannot be noted, nothing further is transmitted, since it would be transmitted once more with every run.
 *
 * RFC 8460 5.5, 7. Events: report-held-back, and those of attempt-delivery.ts.
 */
import { reportHeldBack } from '#events/send-events.ts';
import type { DeliveryResult, Outbox } from '#store/outbox.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { endOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import { attemptDelivery, endSuppressed } from './attempt-delivery.ts';
import type { Deliverers } from './attempt-delivery.ts';
import { attemptFairly } from './attempt-fairly.ts';
import type { Fairness } from './attempt-fairly.ts';
import { heldBack } from './held-back.ts';
import { OutcomeNotes } from './outcome-notes.ts';
import { planDeliveries } from './plan-deliveries.ts';
import type { PlannedDelivery } from './plan-deliveries.ts';

export interface SendDayOptions extends Deliverers, Fairness {
  /** Throws a Problem for a report that must not be sent. */
  readonly refuseUnsendable: (delivery: Delivery) => void;
  /** Why a delivery must wait until the operator has changed something; undefined when it need not. */
  readonly whyHeldBack: (delivery: Delivery) => string | undefined;
  /** Called with how many more are dealt with. */
  readonly noteProgress: (deliveries: number) => void;
}

/** So that not all that were put off come in the first moment of the next day. */
const PUT_OFF_SPREAD_MS = 3_600_000;

export async function sendDay(
  outbox: Outbox,
  due: Iterable<readonly Delivery[]>,
  options: SendDayOptions,
): Promise<void> {
  const ledger = { outbox, notes: new OutcomeNotes(outbox) };
  const attempt = async (planned: PlannedDelivery): Promise<void> => {
    await attemptDelivery(ledger, planned, options);
    options.noteProgress(1);
  };
  await attemptFairly(wantedOf(outbox, due, options), attempt, options);
}

/** What is to be attempted, page by page as it is asked for. What is not is noted on the way. */
function* wantedOf(
  outbox: Outbox,
  due: Iterable<readonly Delivery[]>,
  options: SendDayOptions,
): Generator<PlannedDelivery> {
  for (const page of due) {
    const { wanted, suppressed, putOff } = planDeliveries(withoutHeldBack(outbox, page, options), options.destinations);
    for (const { delivery } of wanted) options.refuseUnsendable(delivery);
    endSuppressed(outbox, suppressed, options.log);
    outbox.noteResults(putOff.map((delivery) => putOffUntilTomorrow(delivery, options)));
    outbox.startTransmission(new Set(wanted.map(({ delivery }) => delivery.reportId)));
    options.noteProgress(suppressed.length + putOff.length);
    yield* wanted;
  }
}

function withoutHeldBack(outbox: Outbox, page: readonly Delivery[], options: SendDayOptions): Delivery[] {
  const free: Delivery[] = [];
  const held: DeliveryResult[] = [];
  for (const delivery of page) {
    const why = options.whyHeldBack(delivery);
    if (why === undefined) free.push(delivery);
    else {
      held.push(heldBack(delivery, { why, nowMs: options.clock.nowMs() }));
      options.log(reportHeldBack(delivery, why));
    }
  }
  outbox.noteResults(held);
  options.noteProgress(held.length);
  return free;
}

/** It was not attempted, so its 24 hours have not begun. */
function putOffUntilTomorrow(delivery: Delivery, { clock, random }: SendDayOptions): DeliveryResult {
  const { reportId, destination, state, attempts, firstAttemptMs } = delivery;
  const tomorrowMs = endOfDayMs(utcDayOf(clock.nowMs()));
  return {
    reportId,
    destination,
    state,
    attempts,
    firstAttemptMs,
    lastResult: 'put off: the address has had as many reports today as it may get',
    nextAttemptMs: tomorrowMs + Math.floor(random() * PUT_OFF_SPREAD_MS),
  };
}
