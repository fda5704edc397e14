/**
 * What the counts of a tally stand for, as far as whoever watches asks about it: by the numbers under which it knows domains.
 *
 * Of domains that nobody asks about no more is kept than one number for each policy, so strangers' names take no memory here.
 */
import { cleanText } from '#tlsrpt/clean-text.ts';
import type { SqliteDatabase } from '../durable/sqlite.ts';
import { NumberColumn } from '../tally/number-column.ts';
import type { SessionChanges } from '../tally/session-changes.ts';
import type { SeenExample } from '../watch-book.ts';
import { storedFailureOf, storedPolicyOf } from './stored-sessions.ts';
import type { StoredFailure, StoredPolicy } from './stored-sessions.ts';

/** What whoever watches asks about. */
export interface WatchedIds {
  /** The number of the watched domain that a policy belongs to; 0 for none. `policyDomain` may be that of a mail host. */
  ofPolicy(domain: string, policyDomain: string): number;
  /** The same of a failure at that host, under a policy that belongs to `watchedId`. */
  ofFailure(watchedId: number, mxHostname: string | undefined): number;
}

/** Sessions with a watched domain, each for each of its policies. */
export interface SeenCount {
  readonly watchedId: number;
  readonly successful: number;
  readonly failed: number;
}

export interface SeenFailure {
  readonly watchedId: number;
  readonly example: SeenExample;
  readonly sessions: number;
}

/** Different failure details that are kept as examples; of further ones the result type alone. */
const MOST_EXAMPLES = 20_000;
const MAX_LENGTH = 200;

interface KeptPolicy {
  readonly type: string;
  readonly domain: string;
}

export class FollowedEntries {
  readonly #watchedIds: WatchedIds;
  readonly #ofPolicy = new NumberColumn();
  readonly #ofFailure = new NumberColumn();
  /** Of policies that belong to a watched domain; equal ones are one object. */
  readonly #policies = new Map<number, KeptPolicy>();
  readonly #equalPolicies = new Map<string, KeptPolicy>();
  readonly #examples = new Map<number, SeenExample>();
  readonly #equalExamples = new Map<string, SeenExample>();

  constructor(watchedIds: WatchedIds) {
    this.#watchedIds = watchedIds;
  }

  /** Rows that nobody wrote so are passed over. */
  restore(database: SqliteDatabase): void {
    for (const row of database.each('SELECT * FROM policies')) {
      const policy = storedPolicyOf(row);
      if (policy) this.#addPolicy(policy);
    }
    for (const row of database.each('SELECT * FROM failures ORDER BY id')) {
      const failure = storedFailureOf(row);
      if (failure) this.#addFailure(failure);
    }
  }

  newsOf({ policies, failures, policyCounts, failureCounts }: SessionChanges): {
    readonly counts: SeenCount[];
    readonly failures: SeenFailure[];
  } {
    for (const policy of policies) this.#addPolicy(policy);
    for (const failure of failures) this.#addFailure(failure);
    return { counts: this.#countsIn(policyCounts), failures: this.#failuresIn(failureCounts) };
  }

  #addPolicy({ id, domain, policy }: StoredPolicy): void {
    const policyDomain = policy.domain === '' ? domain : policy.domain;
    const watchedId = this.#watchedIds.ofPolicy(domain, policyDomain);
    this.#ofPolicy.set(id, watchedId);
    if (watchedId > 0 || policy.type === 'tlsa') this.#policies.set(id, this.#kept(policy.type, policyDomain));
  }

  #kept(type: string, domain: string): KeptPolicy {
    const key = `${type} ${domain}`;
    const known = this.#equalPolicies.get(key);
    if (known || this.#equalPolicies.size >= MOST_EXAMPLES) return known ?? { type, domain };
    const kept = { type, domain };
    this.#equalPolicies.set(key, kept);
    return kept;
  }

  #addFailure({ id, policyId, details }: StoredFailure): void {
    const watchedId = this.#watchedIds.ofFailure(this.#ofPolicy.at(policyId), details.receivingMxHostname);
    this.#ofFailure.set(id, watchedId);
    if (watchedId === 0) return;
    const { type = 'no-policy-found', domain = '' } = this.#policies.get(policyId) ?? {};
    const { resultType } = details;
    const short = { resultType, policyType: type, policyDomain: domain.slice(0, MAX_LENGTH) };
    const hasRoom = this.#examples.size < MOST_EXAMPLES;
    this.#examples.set(id, hasRoom ? { ...short, ...shownDetails(details) } : this.#equalExample(short));
  }

  /** Those of which no more is kept are few different ones. */
  #equalExample(example: SeenExample): SeenExample {
    const key = `${example.resultType} ${example.policyType} ${example.policyDomain}`;
    const known = this.#equalExamples.get(key);
    if (known) return known;
    const kept = this.#equalExamples.size < MOST_EXAMPLES ? example : { ...example, policyDomain: '' };
    if (kept === example) this.#equalExamples.set(key, kept);
    return kept;
  }

  #countsIn(policyCounts: readonly number[]): SeenCount[] {
    const counts: SeenCount[] = [];
    for (let index = 0; index < policyCounts.length; index += 3) {
      const [id = 0, successful = 0, failed = 0] = policyCounts.slice(index, index + 3);
      const watchedId = this.#ofPolicy.at(id);
      if (watchedId > 0) counts.push({ watchedId, successful, failed });
    }
    return counts;
  }

  #failuresIn(failureCounts: readonly number[]): SeenFailure[] {
    const failures: SeenFailure[] = [];
    for (let index = 0; index < failureCounts.length; index += 2) {
      const [id = 0, sessions = 0] = failureCounts.slice(index, index + 2);
      const [watchedId, example] = [this.#ofFailure.at(id), this.#examples.get(id)];
      if (watchedId > 0 && example) failures.push({ watchedId, example, sessions });
    }
    return failures;
  }
}

function shownDetails(
  details: StoredFailure['details'],
): Omit<SeenExample, 'resultType' | 'policyType' | 'policyDomain'> {
  const { sendingMtaIp, receivingMxHostname, receivingIp, additionalInformation, failureReasonCode } = details;
  const texts = { sendingMtaIp, receivingMxHostname, receivingIp, additionalInformation, failureReasonCode };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, cleanText(text, MAX_LENGTH)]])),
  );
}
