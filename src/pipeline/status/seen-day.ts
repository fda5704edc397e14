/**
 * What was seen on one day, on this host and those it fetched from: sums, and the domains with which most failed. Reads only.
 *
 * It is of a size that does not depend on how many domains there are, so that what many days come to can be kept in memory; beside it stands an
 * index by which the policies of a domain are found again.
 */
import type { FailingDomain, ResultTypeCount } from '#store/sessions/failing-domains.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { SessionSums, SummedPolicyType, SummedResultType } from '#store/sessions/session-sums.ts';
import type { Store } from '#store/store.ts';
import { gatheredProblems } from '#support/gathered-problems.ts';
import type { ToldProblem } from '#support/gathered-problems.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { buildDomainIndex, countDomains, digestDomains } from './domain-index.ts';
import type { DomainDigests, DomainIndex } from './domain-index.ts';
import { eachOrigin } from './each-origin.ts';
import type { DayPart } from './each-origin.ts';

/** Of the domains of a day with failures, the worst. */
export const MOST_FAILING = 100;

export interface SeenDay {
  readonly day: UtcDay;
  /** False while it is collected on some host, or not all of it is here. */
  readonly isClosed: boolean;
  readonly datagrams: number;
  readonly rejected: number;
  /** Lost, since there was no room for them. */
  readonly dropped: number;
  readonly domains: number;
  /** By policy type: sessions, each for each of its policies. */
  readonly policies: readonly PolicyTypeSum[];
  /** By result type, the most frequent first. A session that fails in several ways counts for each. */
  readonly failures: readonly FailureTypeSum[];
  /** At most MOST_FAILING, the worst first. */
  readonly failing: readonly FailingDomain[];
  /** How many domains there are with a failure; of several hosts, at least as many. */
  readonly failingDomains: number;
  /** What cannot be read, and is left out. */
  readonly problems: readonly ToldProblem[];
}

export interface PolicyTypeSum {
  readonly policyType: SummedPolicyType;
  readonly successful: number;
  readonly failed: number;
}

export interface FailureTypeSum {
  readonly resultType: SummedResultType;
  readonly sessions: number;
}

export interface IndexedPart {
  readonly part: DayPart;
  readonly index: DomainIndex;
}

export interface SeenReading {
  readonly seen: SeenDay;
  /** Of what is closed. What goes on has no numbers that last. */
  readonly indices: readonly IndexedPart[];
}

/** `key`: as in domain-index.ts. */
export function readSeenDay(store: Pick<Store, 'sessions' | 'fetched'>, day: UtcDay, key: string): SeenReading {
  const gathering = new Gathering();
  const { problems, note } = gatheredProblems();
  const indices: IndexedPart[] = [];
  eachOrigin(store, day, note, (reader, part) => {
    const digests = digestDomains(reader.policyPlaces(), key);
    gathering.add(reader, digests);
    if (reader.closed && part.kind !== 'partial') indices.push({ part, index: buildDomainIndex(digests) });
    else gathering.isClosed = false;
  });
  return { seen: { day, ...gathering.sums(), problems }, indices };
}

class Gathering {
  isClosed = true;
  readonly #counters = new Map<string, number>();
  readonly #digests: DomainDigests[] = [];
  readonly #sums: SessionSums[] = [];
  readonly #failing = new Map<string, FailingDomain>();
  #mostFailing = 0;

  add(reader: SessionDayReader, digests: DomainDigests): void {
    this.#digests.push(digests);
    for (const [name, value] of reader.counters()) this.#counters.set(name, (this.#counters.get(name) ?? 0) + value);
    this.#sums.push(reader.sums());
    const { worst, count } = reader.failingDomains(MOST_FAILING);
    for (const domain of worst) this.#failing.set(domain.domain, sumOfDomain(this.#failing.get(domain.domain), domain));
    this.#mostFailing = Math.max(this.#mostFailing, count);
  }

  sums(): Omit<SeenDay, 'day' | 'problems'> {
    const counterOf = (name: string): number => this.#counters.get(name) ?? 0;
    const failing = [...this.#failing.values()].sort(worstFirst);
    return {
      isClosed: this.isClosed,
      datagrams: counterOf('datagrams'),
      rejected: counterOf('rejected'),
      dropped: counterOf('dropped'),
      domains: countDomains(this.#digests),
      policies: policiesIn(this.#sums),
      failures: failuresIn(this.#sums),
      failing: failing.slice(0, MOST_FAILING),
      failingDomains: Math.max(this.#mostFailing, failing.length),
    };
  }
}

/** For sorting: who failed most, by name among equals. */
export function worstFirst(a: FailingDomain, b: FailingDomain): number {
  return b.failed - a.failed || (a.domain < b.domain ? -1 : 1);
}

/** Of the same domain. */
export function sumOfDomain(known: FailingDomain | undefined, more: FailingDomain): FailingDomain {
  if (!known) return more;
  return {
    domain: more.domain,
    successful: known.successful + more.successful,
    failed: known.failed + more.failed,
    failures: sumOfTypes([...known.failures, ...more.failures]),
  };
}

/** The most frequent first. */
export function sumOfTypes<T extends ResultTypeCount>(counts: readonly T[]): T[] {
  const byType = new Map<string, T>();
  for (const count of counts) {
    const known = byType.get(count.resultType);
    byType.set(count.resultType, known ? { ...count, sessions: known.sessions + count.sessions } : count);
  }
  return [...byType.values()].sort((a, b) => b.sessions - a.sessions);
}

function policiesIn(sums: readonly SessionSums[]): PolicyTypeSum[] {
  const byType = new Map<SummedPolicyType, PolicyTypeSum>();
  for (const { policyType, successful, failed } of sums.flatMap(({ policies }) => policies)) {
    const known = byType.get(policyType);
    const sum = { successful: (known?.successful ?? 0) + successful, failed: (known?.failed ?? 0) + failed };
    byType.set(policyType, { policyType, ...sum });
  }
  return [...byType.values()];
}

function failuresIn(sums: readonly SessionSums[]): FailureTypeSum[] {
  const all = sums.flatMap(({ failures }) => failures);
  return sumOfTypes(all.map(({ resultType, sessions }) => ({ resultType, sessions })));
}
