/**
 * How much of a day each domain has taken: what goes beyond its budget is merged, so that no domain can take the room of the others.
 */
import { digestOf, DigestTable } from './digest-table.ts';
import { NumberColumn } from './number-column.ts';

export interface DomainLimits {
  readonly policiesOfDomain: number;
  /** Of text in policies and failure details. */
  readonly domainBytes: number;
  /** The same once the day is `crowdedDayBytes` large. */
  readonly crowdedDomainBytes: number;
  readonly crowdedDayBytes: number;
}

export class DomainBudgets {
  readonly #limits: DomainLimits;
  readonly #domains = new DigestTable();
  readonly #bytes = new NumberColumn();
  readonly #policies = new NumberColumn();
  dayBytes = 0;

  constructor(limits: DomainLimits) {
    this.#limits = limits;
  }

  allowsPolicy(domain: string, bytes: number): boolean {
    const number = this.#numberOf(domain);
    return this.#policies.at(number) < this.#limits.policiesOfDomain && this.#hasRoom(number, bytes);
  }

  allowsFailure(domain: string, bytes: number): boolean {
    return this.#hasRoom(this.#numberOf(domain), bytes);
  }

  addPolicy(domain: string, bytes: number): void {
    this.#policies.add(this.#numberOf(domain), 1);
    this.addFailure(domain, bytes);
  }

  addFailure(domain: string, bytes: number): void {
    this.#bytes.add(this.#numberOf(domain), bytes);
    this.dayBytes += bytes;
  }

  #hasRoom(number: number, bytes: number): boolean {
    const { domainBytes, crowdedDomainBytes, crowdedDayBytes } = this.#limits;
    return this.#bytes.at(number) + bytes <= (this.dayBytes < crowdedDayBytes ? domainBytes : crowdedDomainBytes);
  }

  #numberOf(domain: string): number {
    const digest = digestOf(domain);
    return this.#domains.find(digest) ?? this.#domains.add(digest);
  }
}
