/**
 * The state directory in a few numbers, for monitoring: what waits, for how long, what failed, and when something last happened.
 */
import { sumOf } from '#support/sum-of.ts';
import { deliveryStates, isWaiting } from '#tlsrpt/delivery.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import type { Health } from './read-health.ts';
import type { DayStatus } from './read-status.ts';

export type DeliveryCounts = Readonly<Record<DeliveryState, number>>;

/** Ages are in whole seconds; null where there is nothing that could have one. */
export interface StatusSummary {
  /** By state, over all days that are shown. */
  readonly deliveries: DeliveryCounts;
  /** How long the delivery has been due that has been due longest: it grows when `send` does not run or cannot work. */
  readonly overdueSeconds: number | null;
  /** How long the receiver has been tried that has been tried longest and has not taken its report yet. */
  readonly deferredSeconds: number | null;
  /** Domains on which there is no report yet, or on purpose. */
  readonly withheld: number;
  /** Sources whose part of a day is not here, each counted for each day. */
  readonly missingSources: number;
  /** Days of which something cannot be read. */
  readonly troubledDays: number;
  readonly lastDatagramSeconds: number | null;
  readonly lastReportSeconds: number | null;
  readonly lastSendSeconds: number | null;
}

export function summarizeStatus(health: Health, days: readonly DayStatus[], nowMs: number): StatusSummary {
  const { lastDatagramMs, runs } = health;
  const deliveries = days.flatMap((day) => day.deliveries);
  const waiting = deliveries.filter(isWaiting);
  const due = waiting.flatMap(({ nextAttemptMs }) => (nextAttemptMs === undefined ? [] : [nextAttemptMs]));
  const tried = waiting.flatMap(({ firstAttemptMs }) => (firstAttemptMs === undefined ? [] : [firstAttemptMs]));
  return {
    deliveries: countDeliveries(deliveries),
    overdueSeconds: ageOf(earliest(due.filter((timeMs) => timeMs <= nowMs)), nowMs),
    deferredSeconds: ageOf(earliest(tried), nowMs),
    withheld: sumOf(days.map(({ withheld }) => withheld.length)),
    missingSources: sumOf(days.map(({ missing }) => missing.length)),
    troubledDays: days.filter(({ problems }) => problems.length > 0).length,
    lastDatagramSeconds: ageOf(lastDatagramMs, nowMs),
    lastReportSeconds: ageOf(timeOf(runs.report?.ended), nowMs),
    lastSendSeconds: ageOf(timeOf(runs.send?.ended), nowMs),
  };
}

export function countDeliveries(deliveries: readonly Delivery[]): DeliveryCounts {
  const counts = Object.fromEntries(deliveryStates.map((state) => [state, 0])) as Record<DeliveryState, number>;
  for (const { state } of deliveries) counts[state] += 1;
  return counts;
}

/** A day may have more of them than a call can have arguments. */
function earliest(timesMs: readonly number[]): number | undefined {
  return timesMs.reduce<number | undefined>((first, timeMs) => Math.min(first ?? timeMs, timeMs), undefined);
}

/** A clock that was ahead makes nothing younger than new. */
function ageOf(timeMs: number | undefined, nowMs: number): number | null {
  return timeMs === undefined ? null : Math.max(0, Math.floor((nowMs - timeMs) / 1_000));
}

function timeOf(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso);
}
