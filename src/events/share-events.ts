/**
 * What reporters tell that share the work of a day.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export interface TakenOver {
  readonly day: UtcDay;
  /** Of whoever had them. */
  readonly host: string;
  readonly buckets: number;
}

export function bucketsTakenOver({ day, host, buckets }: TakenOver): LogEvent {
  return event(
    'warning',
    'shared-buckets-taken-over',
    `${String(buckets)} buckets of ${day} were taken over from ${host}, which has not renewed its leases. What it was delivering at its end is delivered once more, under the same report-ids.`,
    { day, host, buckets },
  );
}

export function bucketsLost(day: UtcDay, buckets: number): LogEvent {
  return event(
    'warning',
    'shared-buckets-lost',
    `The leases on ${String(buckets)} buckets of ${day} could not be renewed in time: nothing further in them is delivered by this run, and another reporter, or the next run, goes on.`,
    { day, buckets },
  );
}

export function leasesNotRenewed(why: string): LogEvent {
  return event(
    'warning',
    'shared-leases-not-renewed',
    `${why} Deliveries stop before the leases run out, and go on once the cluster is there again.`,
  );
}

export function leasesRenewed(): LogEvent {
  return event(
    'warning',
    'shared-leases-renewed',
    'The cluster is there again, and so are the leases that nobody else has taken.',
  );
}

export function clusterAwaited(why: string): LogEvent {
  return event('warning', 'shared-cluster-awaited', `${why} It is tried again for some minutes.`);
}
