import { describe, expect, it } from 'vitest';
import type { BucketLease } from '#pipeline/share/bucket-leases.ts';
import { BUCKETS } from '#pipeline/share/domain-bucket.ts';
import { readSharedDays } from '#pipeline/share/read-shared-days.ts';
import type { SharedDayStatus } from '#pipeline/share/read-shared-days.ts';
import type { SharedCounts } from '#pipeline/share/shared-reports.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DAY } from '#test/support/collected-days.ts';
import { FakeBucketLeases } from '#test/support/fake-bucket-leases.ts';

const NEXT = '2026-11-20' as UtcDay;

type Wish = Partial<Omit<BucketLease, 'bucket'>>;

async function leasesOf(
  day: UtcDay,
  wishes: readonly Wish[],
  leases = new FakeBucketLeases(),
): Promise<FakeBucketLeases> {
  const usual = {
    epoch: 1,
    holder: undefined,
    host: 'mx1',
    leaseMs: 30_000,
    renewals: 0,
    writtenMs: 1,
    worked: undefined,
  };
  await leases.write(
    day,
    wishes.map((wish, bucket) => ({ before: undefined, lease: { ...usual, bucket, ...wish } })),
  );
  return leases;
}

interface Asked {
  readonly day?: UtcDay;
  readonly counts?: SharedCounts;
}

function read(
  leases: FakeBucketLeases,
  { day, counts = { reports: 0, deliveries: {} } }: Asked = {},
): Promise<SharedDayStatus[]> {
  return readSharedDays({ leases, day, timeoutMs: 1, reports: { counts: () => Promise.resolve(counts) } });
}

describe('readSharedDays', () => {
  it('has nothing where nothing was shared, and of a day that is named that nobody has touched it', async () => {
    expect(await read(new FakeBucketLeases())).toEqual([]);
    expect(await read(new FakeBucketLeases(), { day: DAY })).toMatchObject([
      { day: DAY, buckets: { done: 0, left: 0, held: 0, untouched: BUCKETS }, reporters: [], nextAttemptMs: undefined },
    ]);
  });

  it('counts each bucket once: what is held is not done, though it was before', async () => {
    const done = { mark: 'm', waiting: 0, nextAttemptMs: undefined };
    const leases = await leasesOf(DAY, [
      { worked: done },
      { worked: { ...done, mark: undefined } },
      { worked: done, holder: 'x' },
      {}, // let go of before anything was done in it
    ]);
    const [day] = await read(leases);
    expect(day?.buckets).toEqual({ done: 1, left: 1, held: 1, untouched: BUCKETS - 3 });
  });

  it('names each run that holds something, also of one host, and when it was heard of last', async () => {
    const leases = await leasesOf(DAY, [
      { holder: 'x', host: 'mx2', writtenMs: 5 },
      { holder: 'y', host: 'mx1', writtenMs: 7 },
      { holder: 'x', host: 'mx2', writtenMs: 9 },
      { holder: 'z', host: 'mx2', writtenMs: 1 },
    ]);
    const [day] = await read(leases);
    expect(day?.reporters).toEqual([
      { host: 'mx1', buckets: 1, heardMs: 7 },
      { host: 'mx2', buckets: 2, heardMs: 9 },
      { host: 'mx2', buckets: 1, heardMs: 1 },
    ]);
  });

  it('says when the first delivery is due of those that wait, and has every state', async () => {
    const waiting = [undefined, 1, 3].map((_, number) => ({ mark: 'm', waiting: number, nextAttemptMs: 100 - number }));
    const leases = await leasesOf(
      DAY,
      waiting.map((worked) => ({ worked })),
    );
    const [day] = await read(leases, { counts: { reports: 3, deliveries: { deferred: 3, delivered: 1 } } });
    expect(day).toMatchObject({ nextAttemptMs: 98, reports: 3 });
    expect(day?.deliveries).toMatchObject({ deferred: 3, delivered: 1, queued: 0, expired: 0 });
  });

  it('has all days, or the one that is asked for', async () => {
    const leases = await leasesOf(NEXT, [{}], await leasesOf(DAY, [{}]));
    expect((await read(leases)).map(({ day }) => day)).toEqual([DAY, NEXT]);
    expect((await read(leases, { day: NEXT })).map(({ day }) => day)).toEqual([NEXT]);
  });
});
