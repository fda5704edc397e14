/**
 * Which domains have details that a day has no room for, said by the counters of its file: one for all of them, and one for each of the
 * first few, so that nobody fills the file with names. They count datagrams that were read, each different one once for each time that
 * its bytes are journaled.
 */
import { isUsableDomain } from '#tlsrpt/domain-name.ts';

const ALL = 'details-merged';
const OF_DOMAIN = `${ALL}:`;
/** Of one day file. */
export const MOST_MERGED_DOMAINS = 20;

export class MergedDomains {
  readonly #named = new Set<string>();

  /** A counter that the file has already. */
  restore(counter: string): void {
    const domain = mergedDomainOf(counter);
    if (domain !== undefined) this.#named.add(domain);
  }

  /** The names of the counters to which a datagram of that domain is added. */
  countersOf(domain: string): string[] {
    if (this.#named.size < MOST_MERGED_DOMAINS && isUsableDomain(domain)) this.#named.add(domain);
    return this.#named.has(domain) ? [ALL, `${OF_DOMAIN}${domain}`] : [ALL];
  }
}

/** Undefined for the name of another counter. */
export function mergedDomainOf(counter: string): string | undefined {
  if (!counter.startsWith(OF_DOMAIN)) return undefined;
  const domain = counter.slice(OF_DOMAIN.length);
  return isUsableDomain(domain) ? domain : undefined;
}
