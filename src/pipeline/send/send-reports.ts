/**
 * Hands over the reports that are due, day by day.
 *
 * Leaves alone what has reached its end and, unless told otherwise, what is not due yet. Can be run again at any time.
 * Problems: store-locked, store-damaged, disk-full, and those of send-day.ts.
 */
import { Destinations, readSuppressions } from '#store/destinations.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { Outbox, readOutbox } from '#store/outbox.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { readReportingAddress, reportingAddressKey } from '#tlsrpt/reporting-address.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { sendDay } from './send-day.ts';
import type { Deliverers } from './send-day.ts';

export interface SendSelection {
  /** Undefined: every day in the outbox. */
  readonly day: UtcDay | undefined;
  /** Empty: every policy domain. */
  readonly domains: readonly string[];
  /** Also what is not due yet. */
  readonly evenIfNotDue: boolean;
}

export interface SendOptions extends SendSelection, Omit<Deliverers, 'isSuppressed'> {
  readonly state: StateDirectory;
  readonly sqlite: Sqlite;
}

/** Returns how many of the selected deliveries still wait for a later attempt. */
export async function sendReports(options: SendOptions): Promise<number> {
  let waiting = 0;
  for (const day of daysWithWaiting(options)) waiting += await sendOneDay(day, options);
  return waiting;
}

/** What `sendReports` would attempt now, for a look beforehand. */
export function dueDeliveries(options: Omit<SendOptions, 'transports'>): Delivery[] {
  const isSuppressed = suppressionOf(options);
  return daysWithWaiting(options)
    .flatMap((day) => dueOf(readOutbox(options.sqlite, options.state.outboxStem(day))?.deliveries ?? [], options))
    .filter(({ destination }) => !isSuppressed(destination));
}

async function sendOneDay(day: UtcDay, options: SendOptions): Promise<number> {
  const { sqlite, state } = options;
  const outbox = Outbox.open(sqlite, state.outboxStem(day), day);
  try {
    const due = dueOf(outbox.deliveries(), options);
    const results = await sendDay(outbox, due, { ...options, isSuppressed: suppressionOf(options) });
    if (due.length > 0) outbox.checkpoint();
    noteLastResults(options, results);
    return selected(outbox.deliveries(), options).filter(isWaiting).length;
  } finally {
    outbox.close();
  }
}

function daysWithWaiting({ state, sqlite, ...selection }: Omit<SendOptions, 'transports'>): UtcDay[] {
  const days = selection.day === undefined ? state.outboxDays() : [selection.day];
  return days.filter((day) =>
    selected(readOutbox(sqlite, state.outboxStem(day))?.deliveries ?? [], selection).some(isWaiting),
  );
}

function dueOf(deliveries: readonly Delivery[], options: Omit<SendOptions, 'transports'>): Delivery[] {
  const nowMs = options.clock.nowMs();
  return selected(deliveries, options).filter(
    (delivery) => isWaiting(delivery) && (options.evenIfNotDue || (delivery.nextAttemptMs ?? 0) <= nowMs),
  );
}

function selected(deliveries: readonly Delivery[], { domains }: SendSelection): Delivery[] {
  return deliveries.filter(({ policyDomain }) => domains.length === 0 || domains.includes(policyDomain));
}

function suppressionOf({ sqlite, state, clock }: Omit<SendOptions, 'transports'>): (destination: string) => boolean {
  const nowMs = clock.nowMs();
  const active = readSuppressions(sqlite, state.destinationsStem).filter(
    ({ untilMs }) => untilMs === undefined || untilMs > nowMs,
  );
  const addresses = new Set(active.map(({ address }) => address));
  return (destination) => addresses.has(keyOf(destination));
}

/** Suppressions are kept in the one form that all spellings of an address share. */
function keyOf(destination: string): string {
  const reading = readReportingAddress(destination);
  return reading.kind === 'address' ? reportingAddressKey(reading.address) : destination;
}

function noteLastResults({ sqlite, state }: SendOptions, results: Parameters<Destinations['noteResults']>[0]): void {
  if (results.length === 0) return;
  const destinations = Destinations.open(sqlite, state.destinationsStem);
  try {
    destinations.noteResults(results);
    destinations.checkpoint();
  } finally {
    destinations.close();
  }
}
