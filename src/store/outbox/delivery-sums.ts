/**
 * The deliveries of a day in a few numbers, added up by SQLite: for whoever asks often, of days with very many.
 *
 * Of what kind a destination is, its scheme says. What is neither a mailbox nor an endpoint is a directory, see tlsrpt/destination.ts.
 */
import { deliveryStates } from '#tlsrpt/delivery.ts';
import type { DeliveryState } from '#tlsrpt/delivery.ts';
import { destinationKinds } from '#tlsrpt/destination.ts';
import type { DestinationKind } from '#tlsrpt/destination.ts';
import type { Row, SqliteDatabase } from '../durable/sqlite.ts';

export interface DeliverySums {
  readonly reports: number;
  /** Domains on which there is no report yet, or on purpose. */
  readonly withheld: number;
  /** By kind and state; what there are none of is left out. */
  readonly deliveries: readonly DeliveryCount[];
  /** When the delivery was due that has been due longest. */
  readonly firstDueMs: number | undefined;
  /** When the receiver was tried first that has been tried longest and has not taken its report yet. */
  readonly firstTriedMs: number | undefined;
  /** When a report was delivered last. */
  readonly lastDeliveredMs: number | undefined;
}

export interface DeliveryCount {
  readonly kind: DestinationKind;
  readonly state: DeliveryState;
  readonly count: number;
}

const COUNTS = `
  SELECT CASE WHEN destination LIKE 'mailto:%' THEN 'mailto' WHEN destination LIKE 'https:%' THEN 'https' ELSE 'directory' END AS kind,
    state, count(*) AS count
  FROM deliveries d JOIN reports r ON r.number = d.report GROUP BY 1, 2`;
const TIMES = `
  SELECT min(CASE WHEN state IN ('queued', 'deferred') AND next_attempt_ms <= :nowMs THEN next_attempt_ms END) AS first_due_ms,
    min(CASE WHEN state IN ('queued', 'deferred') THEN first_attempt_ms END) AS first_tried_ms,
    max(CASE WHEN state = 'delivered' THEN last_attempt_ms END) AS last_delivered_ms
  FROM deliveries d JOIN reports r ON r.number = d.report`;
const NUMBERS = 'SELECT (SELECT count(*) FROM reports) AS reports, (SELECT count(*) FROM withheld) AS withheld';

export function deliverySumsOf(database: Pick<SqliteDatabase, 'all'>, nowMs: number): DeliverySums {
  const [numbers = {}] = database.all(NUMBERS);
  const [times = {}] = database.all(TIMES, { nowMs });
  return {
    reports: Number(numbers['reports']),
    withheld: Number(numbers['withheld']),
    deliveries: database.all(COUNTS).flatMap(countOf),
    firstDueMs: timeOf(times['first_due_ms']),
    firstTriedMs: timeOf(times['first_tried_ms']),
    lastDeliveredMs: timeOf(times['last_delivered_ms']),
  };
}

/** None for a state that nobody wrote so. */
function countOf(row: Row): DeliveryCount[] {
  const kind = destinationKinds.find((known) => known === row['kind']);
  const state = deliveryStates.find((known) => known === row['state']);
  return kind && state ? [{ kind, state, count: Number(row['count']) }] : [];
}

function timeOf(value: Row[string] | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
