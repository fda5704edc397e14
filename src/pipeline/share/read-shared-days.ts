/**
 * What reporters that share their work have done, day by day: who has what, what is delivered, what waits. Reads only.
 *
 * It is looked at once, so nobody can tell whether a reporter still lives: when it last wrote, it says by its own clock.
 */
import { groupBy } from '#support/group-by.ts';
import { deliveryStates } from '#tlsrpt/delivery.ts';
import type { DeliveryState } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { BucketLease, BucketLeases } from './bucket-leases.ts';
import { BUCKETS } from './domain-bucket.ts';
import type { SharedReports } from './shared-reports.ts';

export interface SharedDayStatus {
  readonly day: UtcDay;
  readonly buckets: {
    /** Of which all was reported that whoever did it had. */
    readonly done: number;
    /** In which something could not be reported yet. */
    readonly left: number;
    /** On which a reporter works, or was when it was killed. */
    readonly held: number;
    /** On which nobody has worked. */
    readonly untouched: number;
  };
  readonly reporters: readonly SharingReporter[];
  readonly reports: number;
  readonly deliveries: Readonly<Record<DeliveryState, number>>;
  /** When the first delivery of those that wait is due; undefined when none waits. */
  readonly nextAttemptMs: number | undefined;
}

export interface SharingReporter {
  readonly host: string;
  readonly buckets: number;
  /** When it last renewed them. */
  readonly heardMs: number;
}

export interface SharedStatusOptions {
  readonly leases: BucketLeases;
  readonly reports: Pick<SharedReports, 'counts'>;
  /** Undefined: those that there are. */
  readonly day: UtcDay | undefined;
  readonly timeoutMs: number;
}

export async function readSharedDays(options: SharedStatusOptions): Promise<SharedDayStatus[]> {
  const { leases, day } = options;
  const statuses: SharedDayStatus[] = [];
  for (const each of day === undefined ? await leases.days('all') : [day]) statuses.push(await statusOf(each, options));
  return statuses;
}

async function statusOf(day: UtcDay, { leases, reports, timeoutMs }: SharedStatusOptions): Promise<SharedDayStatus> {
  const known = await leases.read(day, timeoutMs);
  const counts = await reports.counts(day);
  const [held, free] = [known.filter(isHeld), known.filter((lease) => !isHeld(lease))];
  const done = free.filter(({ worked }) => worked?.mark !== undefined).length;
  const left = free.filter(({ worked }) => worked !== undefined && worked.mark === undefined).length;
  const due = known.flatMap(({ worked }) => (worked && worked.waiting > 0 ? [worked.nextAttemptMs ?? 0] : []));
  return {
    day,
    buckets: { done, left, held: held.length, untouched: BUCKETS - done - left - held.length },
    reporters: reportersOf(held),
    reports: counts.reports,
    deliveries: Object.fromEntries(deliveryStates.map((state) => [state, counts.deliveries[state] ?? 0])) as Record<
      DeliveryState,
      number
    >,
    nextAttemptMs: due.length === 0 ? undefined : Math.min(...due),
  };
}

function isHeld({ holder }: BucketLease): boolean {
  return holder !== undefined;
}

function reportersOf(held: readonly BucketLease[]): SharingReporter[] {
  return [...groupBy(held, ({ holder = '' }) => holder).values()]
    .map((leases) => ({
      host: leases[0].host,
      buckets: leases.length,
      heardMs: Math.max(...leases.map(({ writtenMs }) => writtenMs)),
    }))
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}
