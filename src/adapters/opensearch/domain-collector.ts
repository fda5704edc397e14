/**
 * Puts the documents of a day, which come in the order of their domains, together into one tally for each domain and record.
 */
import { groupBy } from '#support/group-by.ts';
import type { SeenUnderPolicy } from '#tlsrpt/published-tally.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';

/** Of one domain no more than so many are held in memory; what comes behind them is added up by whoever reads the day. */
const MOST_HELD = 5_000;

export class DomainCollector {
  readonly #take: (tally: DomainTally) => void;
  #held: SeenUnderPolicy[] = [];
  #documents = 0;
  #sessions = 0;
  #unreadable = 0;

  constructor(take: (tally: DomainTally) => void) {
    this.#take = take;
  }

  /** How many came. */
  get documents(): number {
    return this.#documents;
  }

  /** How many of them cannot be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** What the others count. */
  get sessions(): number {
    return this.#sessions;
  }

  /** Undefined stands for one that cannot be read. */
  add(seen: SeenUnderPolicy | undefined): void {
    this.#documents += 1;
    if (!seen) {
      this.#unreadable += 1;
      return;
    }
    this.#sessions += seen.tally.successful + seen.tally.failed;
    if (this.#held[0]?.domain !== seen.domain || this.#held.length >= MOST_HELD) this.finish();
    this.#held.push(seen);
  }

  finish(): void {
    const held = this.#held;
    this.#held = [];
    for (const same of groupBy(held, ({ record }) => record ?? '').values()) {
      const [{ domain, record }] = same;
      this.#take({ domain, record, policies: mergePolicyTallies(same.map(({ tally }) => tally)) });
    }
  }

  /** As phrases. */
  leftOut(): string[] {
    return this.#unreadable === 0 ? [] : [`${String(this.#unreadable)} documents that cannot be read`];
  }
}
