/**
 * What `send` would attempt now, for a look beforehand. Changes nothing.
 *
 * Problems: store-damaged.
 */
import { containProblem } from '#support/contain-problem.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import { DestinationBook } from './destination-book.ts';
import { planDelivery } from './planned-delivery.ts';
import type { PlannedDelivery } from './planned-delivery.ts';
import { isDue } from './retry-policy.ts';
import { isSelected, selectedDays } from './send-reports.ts';
import type { SendOptions, SendSelection } from './send-reports.ts';

export interface LookOptions
  extends SendSelection, Pick<SendOptions, 'store' | 'clock' | 'log' | 'maxPerDestination' | 'dayRefused'> {}

export function dueDeliveries(options: LookOptions): Delivery[] {
  const { store, clock } = options;
  const destinations = new DestinationBook({
    ...options,
    stored: store.destinations,
    steadyMs: () => 0,
    failed: options.dayRefused,
  });
  const nowMs = clock.nowMs();
  const totals = containProblem(() => store.hostCounts.totalsOn(utcDayOf(nowMs)), options.dayRefused);
  const isAdmitted = admission(totals ?? new Map(), options.maxPerDestination);
  return selectedDays(options)
    .flatMap((day) => containProblem(() => store.outboxes.read(day), options.dayRefused)?.deliveries ?? [])
    .filter((delivery) => isWaiting(delivery) && isSelected(delivery, options))
    .filter((delivery) => options.evenIfNotDue || isDue(delivery, nowMs))
    .map(planDelivery)
    .filter((planned) => destinations.suppressionOf(planned) === 'none' && isAdmitted(planned))
    .map(({ delivery }) => delivery);
}

/** As many for each host as it may still get. */
function admission(totals: ReadonlyMap<string, number>, maxPerHost: number): (planned: PlannedDelivery) => boolean {
  const admitted = new Map(totals);
  return ({ delivery, receiver: { host }, isForeign }) => {
    if (!isForeign || delivery.attempts > 0) return true;
    const reports = (admitted.get(host) ?? 0) + 1;
    admitted.set(host, reports);
    return reports <= maxPerHost;
  };
}
