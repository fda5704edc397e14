/**
 * Brings together what one report says, from parts of which there may be any number, in no more memory than its document takes.
 *
 * What is more than a document can hold is shortened as it comes, by the same rules as the document: the most frequent stays, the rest is
 * added up, and all totals are kept. A part is never shortened by itself, as it is in memory in any case.
 *
 * RFC 8460 5.2.
 */
import { leastSizeBytes, MAX_DOCUMENT_BYTES, shortenedPolicies } from './shortened-policies.ts';
import { mergePolicyTallies } from './tally.ts';
import type { PolicyTally } from './tally.ts';

export class BoundedPolicies {
  readonly #policyDomain: string;
  #tallies: PolicyTally[] = [];
  #leastBytes = 0;
  #parts = 0;
  #isShortened = false;

  constructor(policyDomain: string) {
    this.#policyDomain = policyDomain;
  }

  /** Parts must always come in the same order for the same result. */
  add(part: readonly PolicyTally[]): void {
    if (part.length === 0) return;
    if (this.#leastBytes > MAX_DOCUMENT_BYTES) this.#shorten();
    for (const tally of part) this.#tallies.push(tally);
    this.#leastBytes += leastSizeBytes(part);
    this.#parts += 1;
  }

  /** Each policy once, in the order of their keys. */
  all(): readonly PolicyTally[] {
    if (this.#isShortened) this.#shorten(); // what came last has no other rights than what came before
    return this.#parts > 1 ? mergePolicyTallies(this.#tallies) : this.#tallies;
  }

  /** What is held now, for whoever wants to know how much that can be. */
  get size(): number {
    return this.#tallies.length;
  }

  #shorten(): void {
    this.#tallies = shortenedPolicies(this.#policyDomain, this.#tallies);
    this.#leastBytes = leastSizeBytes(this.#tallies);
    this.#isShortened = true;
  }
}
