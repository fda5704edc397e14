/**
 * Where in a file of a day the policies of each domain are: the file itself can only be searched as a whole, which takes long where there are
 * very many domains.
 *
 * It has 8 bytes for each policy: its number, and 32 bits of a keyed digest of its domain. So it may name a policy of another domain, and whoever
 * reads looks at the domain. The key is drawn for each process, so nobody can choose domains that meet there.
 */
import { hash } from 'node:crypto';
import type { PolicyPlace } from '#store/sessions/session-day.ts';

export interface DomainIndex {
  /** In order. */
  readonly digests: Uint32Array;
  /** The number of the policy at each of them. */
  readonly ids: Uint32Array;
}

/** Of each policy in turn its number, and a digest of its domain that is long enough to tell domains apart. */
export interface DomainDigests {
  readonly ids: readonly number[];
  readonly digests: readonly number[];
}

const DIGEST_BYTES = 6;
const INDEX_RANGE = 2 ** 32;

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
  const short = Uint32Array.from(digests, (digest) => digest % INDEX_RANGE);
  const order = Uint32Array.from(ids.keys()).sort((a, b) => (short[a] ?? 0) - (short[b] ?? 0));
  return { digests: order.map((at) => short[at] ?? 0), ids: order.map((at) => ids[at] ?? 0) };
}

/** How many domains there are in all of them together. */
export function countDomains(parts: readonly DomainDigests[]): number {
  const sorted = Float64Array.from(parts.flatMap(({ digests }) => digests)).sort();
  return sorted.reduce((count, digest, at) => (at > 0 && sorted[at - 1] === digest ? count : count + 1), 0);
}

/** The policies that may be of the domain. */
export function policiesOf(domain: string, { digests, ids }: DomainIndex, key: string): number[] {
  const digest = digestOf(domain, key) % INDEX_RANGE;
  let [start, end] = [0, digests.length];
  while (start < end) {
    const middle = (start + end) >> 1;
    if ((digests[middle] ?? 0) < digest) start = middle + 1;
    else end = middle;
  }
  const found: number[] = [];
  for (let at = start; digests[at] === digest; at += 1) found.push(ids[at] ?? 0);
  return found;
}

function digestOf(domain: string, key: string): number {
  return hash('sha256', `${key} ${domain}`, 'buffer').readUIntLE(0, DIGEST_BYTES);
}
