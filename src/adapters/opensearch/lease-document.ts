/**
 * The document of a lease on a bucket of a day.
 */
import { z } from 'zod';
import type { BucketLease } from '#pipeline/share/bucket-leases.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const count = z.int().nonnegative();
const [SHORTEST_MS, LONGEST_MS] = [1_000, 3_600_000];

const shape = z.object({
  bucket: z.int().min(0).max(255),
  epoch: count,
  holder: z.string().max(100).optional(),
  host: z.string().max(300),
  'lease-ms': z.int().min(SHORTEST_MS).max(LONGEST_MS),
  renewals: count,
  'written-at': count,
  worked: z.boolean(),
  mark: z.string().max(100).optional(),
  waiting: count.optional(),
  'next-attempt-at': count.optional(),
});

export function leaseDocument(day: UtcDay, lease: BucketLease): object {
  const { bucket, epoch, holder, host, leaseMs, renewals, writtenMs, worked } = lease;
  return {
    ...{ day, bucket, epoch, holder, host, 'lease-ms': leaseMs, renewals, 'written-at': whole(writtenMs) },
    worked: worked !== undefined,
    mark: worked?.mark,
    waiting: worked?.waiting,
    'next-attempt-at': worked?.nextAttemptMs === undefined ? undefined : whole(worked.nextAttemptMs),
  };
}

/** Of a time that was measured in fractions of a millisecond, or by a clock from before the epoch. */
function whole(timeMs: number): number {
  return Math.max(0, Math.floor(timeMs));
}

/** Undefined for what is none. */
export function readLease(source: unknown): BucketLease | undefined {
  const reading = shape.safeParse(source);
  if (!reading.success) return undefined;
  const { bucket, epoch, holder, host, renewals, worked, mark, waiting = 0 } = reading.data;
  const [leaseMs, writtenMs] = [reading.data['lease-ms'], reading.data['written-at']];
  const nextAttemptMs = reading.data['next-attempt-at'];
  return {
    ...{ bucket, epoch, holder, host, leaseMs, renewals, writtenMs },
    worked: worked ? { mark, waiting, nextAttemptMs } : undefined,
  };
}
