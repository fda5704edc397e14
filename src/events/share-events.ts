/**
 * What reporters tell that share the work of a day.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

/** Told once of each run that left something behind; `host` is where it was. */
export function bucketsTakenOver(day: UtcDay, host: string): LogEvent {
  return event(
    'warning',
    'shared-buckets-taken-over',
    `A reporter on ${host} has not renewed its leases on buckets of ${day}, so they are taken over. What it was delivering at its end is delivered once more, under the same report-ids.`,
    { day, host },
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
