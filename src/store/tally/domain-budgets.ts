/**
 * How much of a day each domain has taken: what goes beyond its budget is merged, so that no domain can take the room of the others. So
 * is what goes beyond the budget of the day.
 */
import { digestOf, DigestTable } from './digest-table.ts';
import { NumberColumn } from './number-column.ts';

export interface DomainLimits {
  readonly policiesOfDomain: number;
  /** The same once the day has `crowdedPolicies`. */
  readonly crowdedPoliciesOfDomain: number;
  readonly crowdedPolicies: number;
  /** Of text in policies and failure details. */
  readonly domainBytes: number;
  /** The same once the day is `crowdedDayBytes` large. */
  readonly crowdedDomainBytes: number;
  readonly crowdedDayBytes: number;
  /** Of all domains. */
  readonly dayBytes: number;
}

export class DomainBudgets {
  readonly #limits: DomainLimits;
  readonly #domains = new DigestTable();
  readonly #bytes = new NumberColumn();
  readonly #policies = new NumberColumn();
  #dayPolicies = 0;
  dayBytes = 0;

  constructor(limits: DomainLimits) {
    this.#limits = limits;
  }

  /** By which the domain is asked for below. */
  numberOf(domain: string): number {
    const digest = digestOf(domain);
    return this.#domains.find(digest) ?? this.#domains.add(digest);
  }

  allowsPolicy(domain: number, bytes: number): boolean {
    const { policiesOfDomain, crowdedPoliciesOfDomain, crowdedPolicies } = this.#limits;
    const most = this.#dayPolicies < crowdedPolicies ? policiesOfDomain : crowdedPoliciesOfDomain;
    return this.#policies.at(domain) < most && this.allowsFailure(domain, bytes);
  }

  allowsFailure(domain: number, bytes: number): boolean {
    const { domainBytes, crowdedDomainBytes, crowdedDayBytes, dayBytes } = this.#limits;
    const most = this.dayBytes < crowdedDayBytes ? domainBytes : crowdedDomainBytes;
    return this.#bytes.at(domain) + bytes <= most && this.dayBytes + bytes <= dayBytes;
  }

  addPolicy(domain: number, bytes: number): void {
    this.#policies.add(domain, 1);
    this.#dayPolicies += 1;
    this.addFailure(domain, bytes);
  }

  addFailure(domain: number, bytes: number): void {
    this.#bytes.add(domain, bytes);
    this.dayBytes += bytes;
  }
}
