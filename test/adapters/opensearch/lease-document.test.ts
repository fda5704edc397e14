import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseDocument, readLease } from '#adapters/opensearch/lease-document.ts';
import { DAY } from '#test/support/collected-days.ts';

const LEASE = {
  ...{ bucket: 7, epoch: 3, holder: 'h', host: 'mx1', leaseMs: 30_000, renewals: 2, writtenMs: 5 },
  worked: { mark: 'm', waiting: 1, nextAttemptMs: 9 },
};

describe('readLease', () => {
  it('reads what was written', () => {
    for (const lease of [LEASE, { ...LEASE, holder: undefined, worked: undefined }])
      expect(readLease(JSON.parse(JSON.stringify(leaseDocument(DAY, lease))))).toEqual(lease);
  });

  it('reads times that were fractions of a millisecond, or before the epoch', () => {
    const lease = { ...LEASE, writtenMs: -5, worked: { ...LEASE.worked, nextAttemptMs: 9.7 } };
    expect(readLease(leaseDocument(DAY, lease))).toEqual({ ...LEASE, writtenMs: 0 });
  });

  it('takes nothing else for a lease', () => {
    for (const wrong of [{ bucket: 256 }, { 'lease-ms': 1 }, { 'lease-ms': 1e12 }, { epoch: -1 }, { host: 5 }])
      expect(readLease({ ...leaseDocument(DAY, LEASE), ...wrong })).toBeUndefined();
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(readLease(anything)).toBeUndefined();
      }),
    );
  });
});
