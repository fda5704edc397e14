/**
 * Why the deliveries of a day were not made, and which of them wait, found by SQLite: of days with very many.
 */
import { deliveryStates } from '#tlsrpt/delivery.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import type { SqliteDatabase } from '../durable/sqlite.ts';
import type { Withholding } from './outbox-entries.ts';
import { DELIVERIES_OF_REPORTS, deliveryOf, SELECT_DELIVERIES } from './outbox-rows.ts';

/** What is not delivered of a day, as far as there is room for it. */
export interface UndeliveredSums {
  /** The most frequent first. */
  readonly reasons: readonly DeliveryReason[];
  /** In the order in which they are due. */
  readonly waiting: readonly Delivery[];
  readonly withheld: readonly WithheldCount[];
}

export interface DeliveryReason {
  readonly state: DeliveryState;
  /** What was said of them, all alike; undefined where nothing was. */
  readonly words: string | undefined;
  readonly count: number;
  /** The first policy domain of them. */
  readonly example: string;
}

export interface WithheldCount extends Pick<Withholding, 'why'> {
  readonly domains: number;
  /** The first of them. */
  readonly example: string;
}

const MAX_WORDS = 300;
const REASONS = `SELECT state, substr(CAST(last_result AS TEXT), 1, ${String(MAX_WORDS)}) AS words, count(*) AS count, min(policy_domain) AS example
  FROM ${DELIVERIES_OF_REPORTS} WHERE state <> 'delivered' AND state <> 'queued' GROUP BY 1, 2 ORDER BY count DESC, 1, 2 LIMIT :most`;
const WAITING = `${SELECT_DELIVERIES} WHERE state IN ('queued', 'deferred') ORDER BY next_attempt_ms, d.number LIMIT :most`;
const WITHHELD =
  'SELECT why, count(*) AS domains, min(policy_domain) AS example FROM withheld GROUP BY why ORDER BY why';

export function undeliveredSumsOf(database: Pick<SqliteDatabase, 'all'>, most: number): UndeliveredSums {
  return {
    reasons: database.all(REASONS, { most }).flatMap((row) => {
      const state = deliveryStates.find((known) => known === row['state']);
      const words = typeof row['words'] === 'string' ? row['words'] : undefined;
      return state ? [{ state, words, count: Number(row['count']), example: String(row['example']) }] : [];
    }),
    waiting: database.all(WAITING, { most }).map(deliveryOf),
    withheld: database.all(WITHHELD).map((row) => ({
      why: row['why'] as Withholding['why'],
      domains: Number(row['domains']),
      example: String(row['example']),
    })),
  };
}
