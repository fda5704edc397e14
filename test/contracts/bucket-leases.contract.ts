/**
 * What every BucketLeases must do, run on each implementation.
 */
import { describe, expect, it } from 'vitest';
import type { BucketLease, BucketLeases } from '#pipeline/share/bucket-leases.ts';
import { DAY } from '#test/support/collected-days.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const TIMEOUT_MS = 60_000;
const OTHER_DAY = '2001-02-03' as UtcDay;

function leaseOn(bucket: number, wish: Partial<BucketLease> = {}): BucketLease {
  const worked = { mark: 'abc', waiting: 2, nextAttemptMs: 5_000 };
  return {
    ...{ bucket, epoch: 1, holder: 'one', host: 'mx1', leaseMs: 30_000, renewals: 0, writtenMs: 1_000, worked },
    ...wish,
  };
}

/** `make` returns leases of their own each time, and how others see what was written. */
export function describeBucketLeases(name: string, make: () => BucketLeases): void {
  describe(`${name} as leases on buckets`, () => {
    async function put(leases: BucketLeases, lease: BucketLease, before?: string): Promise<string | undefined> {
      const { written, conflicts } = await leases.write(DAY, [{ lease, before }], TIMEOUT_MS);
      expect(written.length + conflicts.length).toBe(1);
      return written[0]?.stamp;
    }

    it('has none before the first one is made, and of that day alone', async () => {
      const leases = make();
      expect(await leases.read(DAY, TIMEOUT_MS)).toEqual([]);
      await put(leases, leaseOn(3));
      expect(await leases.read(OTHER_DAY, TIMEOUT_MS)).toEqual([]);
    });

    it('gives what was written, at once, whether or not anything is known of it', async () => {
      const leases = make();
      const [whole, bare] = [leaseOn(0), leaseOn(255, { holder: undefined, worked: undefined })];
      const { written } = await leases.write(
        DAY,
        [whole, bare].map((lease) => ({ lease, before: undefined })),
        TIMEOUT_MS,
      );
      expect(await leases.read(DAY, TIMEOUT_MS)).toEqual(written);
      expect(written).toMatchObject([whole, bare]);
    });

    it('lets one of two make a lease', async () => {
      const leases = make();
      expect(await put(leases, leaseOn(3))).toBeDefined();
      expect(await put(leases, leaseOn(3, { holder: 'two' }))).toBeUndefined();
      expect(await leases.read(DAY, TIMEOUT_MS)).toMatchObject([{ holder: 'one' }]);
    });

    it('lets one of two change a lease, and whoever read before that not', async () => {
      const leases = make();
      const made = await put(leases, leaseOn(3));
      expect(await put(leases, leaseOn(3, { renewals: 1 }), made)).not.toBe(made);
      expect(await put(leases, leaseOn(3, { holder: 'two', epoch: 2 }), made)).toBeUndefined();
      expect(await leases.read(DAY, TIMEOUT_MS)).toMatchObject([{ holder: 'one', renewals: 1 }]);
    });

    it('writes of several what it can, and says which it cannot', async () => {
      const leases = make();
      await put(leases, leaseOn(3));
      const changes = [2, 3, 4].map((bucket) => ({ lease: leaseOn(bucket, { holder: 'two' }), before: undefined }));
      const { written, conflicts } = await leases.write(DAY, changes, TIMEOUT_MS);
      expect([written.map(({ bucket }) => bucket), conflicts]).toEqual([[2, 4], [3]]);
    });
  });
}
