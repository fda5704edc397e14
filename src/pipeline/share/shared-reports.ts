/**
 * The port by which several reporters know what the others have reported: all reports of a day with what became of their deliveries, in the search engine
 * that all of them use.
 *
 * A report is published before any of it is transmitted, and from then on stays as it is. So whoever takes over a bucket delivers the very same reports,
 * under their report-ids, and what their sessions are is known. Everything is written with a version that grows, first of all with the epoch of the
 * lease: what comes late, or twice, changes nothing. Each rejects with a Problem: cluster-unreachable, cluster-refused.
 */
import type { BuiltReport, Reported } from '#store/outbox/outbox-entries.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface PublishedReport {
  readonly report: BuiltReport & { readonly reported: Reported };
  /** Those of which something is known; others of its destinations are queued. */
  readonly deliveries: readonly Delivery[];
}

/** Something that is written, with the version it then has. */
export interface Versioned<T> {
  readonly value: T;
  readonly bucket: number;
  readonly version: number;
}

export interface SharedCounts {
  readonly reports: number;
  readonly deliveries: Readonly<Partial<Record<DeliveryState, number>>>;
}

export interface SharedReports {
  /**
   * Of all that share these reports: made when there is none, and where the cluster says which one it is, the same again should it be lost. Also says how
   * documents are to be searched; to be called first.
   */
  prepare(): Promise<string>;
  /** All that are in the buckets, some at a time, as of one moment after everything that was written; with the latest version of their documents. */
  read(day: UtcDay, buckets: readonly number[]): AsyncIterable<readonly Versioned<PublishedReport>[]>;
  publish(day: UtcDay, reports: readonly Versioned<PublishedReport>[]): Promise<void>;
  /** How much there is, as far as searches see. */
  counts(day: UtcDay): Promise<SharedCounts>;
  /** What became of deliveries. Rejects soon after `enough` aborts. */
  note(day: UtcDay, deliveries: readonly Versioned<Delivery>[], enough?: AbortSignal): Promise<void>;
}
