/**
 * The port by which several reporters agree who works on which bucket of a day: a lease for each, in the search engine that all of them use.
 *
 * A lease is only ever written by who has read what is there: `write` changes those that nobody has written since, and says which these are. So of two who
 * write at once one succeeds. That a write was lost on its way back looks like a conflict, or like nothing: whoever reads again sees by the holder whether
 * it was his. Neither repeats anything by itself for longer than `timeoutMs`. Each rejects with a Problem: cluster-unreachable, also when the engine is too busy to
 * write any of them, and cluster-refused.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface BucketLease {
  readonly bucket: number;
  /** How often it was taken; higher each time. */
  readonly epoch: number;
  /** Of the run that has it, a random name; undefined when nobody has it. */
  readonly holder: string | undefined;
  /** Whose it is, or was last, for people. */
  readonly host: string;
  /** For how long it is the holder's when it is not renewed. */
  readonly leaseMs: number;
  readonly renewals: number;
  /** By the clock of whoever wrote it, for people. */
  readonly writtenMs: number;
  /** What came of the work on it that was done last; undefined while none was. */
  readonly worked: WorkedBucket | undefined;
}

export interface WorkedBucket {
  /** Of the sessions of which all was reported that is in the bucket, as `contentMark` has it; undefined when something of it is left. */
  readonly mark: string | undefined;
  /** How many deliveries wait. */
  readonly waiting: number;
  /** When the first of these is due, by the clock of who noted it. */
  readonly nextAttemptMs: number | undefined;
}

export interface StoredLease extends BucketLease {
  /** Another one after each write. */
  readonly stamp: string;
}

export interface LeaseChange {
  readonly lease: BucketLease;
  /** Of what is to be changed; undefined where there was nothing. */
  readonly before: string | undefined;
}

export interface LeaseWrites {
  readonly written: readonly StoredLease[];
  /** The buckets whose leases somebody else has written. Of what is in neither, nobody knows. */
  readonly conflicts: readonly number[];
}

export interface BucketLeases {
  /** Where it is, for people. */
  readonly name: string;
  /** Of a day; as of now, whatever searches see. */
  read(day: UtcDay, timeoutMs: number): Promise<StoredLease[]>;
  write(day: UtcDay, changes: readonly LeaseChange[], timeoutMs: number): Promise<LeaseWrites>;
  /** On which there are leases, or whose deliveries wait, as far as searches see: the latest ones, oldest first. */
  days(which: 'all' | 'waiting'): Promise<UtcDay[]>;
}
