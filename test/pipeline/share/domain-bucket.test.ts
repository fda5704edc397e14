import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf } from '#pipeline/share/domain-bucket.ts';

describe('bucketOf', () => {
  it('is the first octet of the SHA-256 of the name, in all versions', () => {
    expect(bucketOf('example.com')).toBe(0xa3);
    expect(bucketOf('xn--bcher-kva.example')).toBe(bucketOf('xn--bcher-kva.example'));
  });

  it('spreads domains over all buckets', () => {
    const buckets = Array.from({ length: 10_000 }, (_, number) => bucketOf(`d${String(number)}.example`));
    expect(new Set(buckets).size).toBe(BUCKETS);
  });
});
