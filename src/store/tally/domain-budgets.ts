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
  readonly failuresOfDomain: number;
  /** The same once the day has `crowdedFailures`. */
  readonly crowdedFailuresOfDomain: number;
  readonly crowdedFailures: number;
  /** Of all domains; what is merged may be more. */
  readonly detailedFailures: number;
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
  readonly #failures = new NumberColumn();
  #dayPolicies = 0;
  #dayFailures = 0;
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
    return this.#policies.at(domain) < most && this.#allowsText(domain, bytes);
  }

  allowsFailure(domain: number, bytes: number): boolean {
    const { failuresOfDomain, crowdedFailuresOfDomain, crowdedFailures, detailedFailures } = this.#limits;
    const most = this.#dayFailures < crowdedFailures ? failuresOfDomain : crowdedFailuresOfDomain;
    const hasRoom = this.#dayFailures < detailedFailures && this.#failures.at(domain) < most;
    return hasRoom && this.#allowsText(domain, bytes);
  }

  addPolicy(domain: number, bytes: number): void {
    this.#policies.add(domain, 1);
    this.#dayPolicies += 1;
    this.#addText(domain, bytes);
  }

  addFailure(domain: number, bytes: number): void {
    this.#failures.add(domain, 1);
    this.#dayFailures += 1;
    this.#addText(domain, bytes);
  }

  #allowsText(domain: number, bytes: number): boolean {
    const { domainBytes, crowdedDomainBytes, crowdedDayBytes, dayBytes } = this.#limits;
    const most = this.dayBytes < crowdedDayBytes ? domainBytes : crowdedDomainBytes;
    return this.#bytes.at(domain) + bytes <= most && this.dayBytes + bytes <= dayBytes;
  }

  #addText(domain: number, bytes: number): void {
    this.#bytes.add(domain, bytes);
    this.dayBytes += bytes;
  }
}
