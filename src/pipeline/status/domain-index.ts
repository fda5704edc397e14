/**
 * Where in a file of a day the policies of each domain are: the file itself can only be searched as a whole, which takes long where there are
 * very many domains.
 *
 * Policies are in buckets by a digest of their domain, which takes 5 bytes or so for each: so a bucket has policies of other domains as well, and
 * whoever reads looks at the domain. The key of the digest is drawn for each process, so nobody can choose domains that fill one bucket.
 */
import { hash } from 'node:crypto';
import type { PolicyPlace } from '#store/sessions/session-day.ts';

export interface DomainIndex {
  /** Where the policies of each bucket begin among `ids`, and where the last one ends. A power of two of buckets, and one more. */
  readonly starts: Uint32Array;
  /** The numbers of the policies, bucket by bucket. */
  readonly ids: Uint32Array;
}

/** Of each policy in turn its number, and a digest of its domain that is long enough to tell domains apart. */
export interface DomainDigests {
  readonly ids: readonly number[];
  readonly digests: readonly number[];
}

const DIGEST_BYTES = 6;
/** A bucket has so many on average. */
const BUCKET_SIZE = 4;

/** `key`: the same for all indices of a process. */
export function digestDomains(places: Iterable<PolicyPlace>, key: string): DomainDigests {
  const [ids, digests]: [number[], number[]] = [[], []];
  for (const { id, domain } of places) {
    ids.push(id);
    digests.push(digestOf(domain, key));
  }
  return { ids, digests };
}

export function buildDomainIndex({ ids, digests }: DomainDigests): DomainIndex {
  const buckets = 2 ** Math.max(0, Math.ceil(Math.log2(ids.length / BUCKET_SIZE)));
  const starts = new Uint32Array(buckets + 1);
  for (const digest of digests) add(starts, (digest % buckets) + 1, 1);
  for (let bucket = 1; bucket <= buckets; bucket += 1) add(starts, bucket, starts[bucket - 1] ?? 0);
  const [next, sorted] = [starts.slice(), new Uint32Array(ids.length)];
  for (const [at, digest] of digests.entries()) {
    const bucket = digest % buckets;
    sorted[next[bucket] ?? 0] = ids[at] ?? 0;
    add(next, bucket, 1);
  }
  return { starts, ids: sorted };
}

function add(numbers: Uint32Array, at: number, more: number): void {
  numbers[at] = (numbers[at] ?? 0) + more;
}

/** What it takes of memory. */
export function sizeOfIndex({ starts, ids }: DomainIndex): number {
  return starts.byteLength + ids.byteLength;
}

/** How many domains there are in all of them together. */
export function countDomains(parts: readonly DomainDigests[]): number {
  const sorted = Float64Array.from(parts.flatMap(({ digests }) => digests)).sort();
  return sorted.reduce((count, digest, at) => (at > 0 && sorted[at - 1] === digest ? count : count + 1), 0);
}

/** The policies that may be of the domain. */
export function policiesOf(domain: string, { starts, ids }: DomainIndex, key: string): number[] {
  const bucket = digestOf(domain, key) % (starts.length - 1);
  return [...ids.subarray(starts[bucket], starts[bucket + 1])];
}

function digestOf(domain: string, key: string): number {
  return hash('sha256', `${key} ${domain}`, 'buffer').readUIntLE(0, DIGEST_BYTES);
}
