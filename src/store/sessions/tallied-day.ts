/**
 * Writes a complete day file from tallies that somebody else added up.
 */
import type { DomainTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import type { SessionDayIdentity } from './session-day.ts';
import { SessionDayBuilder } from './session-day-builder.ts';
import type { StoredFailure } from './stored-sessions.ts';
import { unansweredCounter } from './unanswered-domains.ts';

interface NumberedPolicy extends Pick<DomainTally, 'domain' | 'record'> {
  readonly id: number;
  readonly tally: PolicyTally;
}

/** Written together, since each transaction costs. */
const BATCH_POLICIES = 1_000;

export class TalliedDay {
  readonly #day: SessionDayBuilder;
  #batch: NumberedPolicy[] = [];
  #lastPolicyId = 0;
  #lastFailureId = 0;
  #sessions = 0;

  private constructor(day: SessionDayBuilder) {
    this.#day = day;
  }

  /** Replaces what is at `stem` once it is finished. */
  static create(context: DatabaseContext, stem: string, identity: SessionDayIdentity): TalliedDay {
    return new TalliedDay(SessionDayBuilder.create(context, stem, identity));
  }

  add({ domain, record, policies }: DomainTally): void {
    for (const tally of policies) {
      this.#batch.push({ id: (this.#lastPolicyId += 1), domain, record, tally });
      this.#sessions += tally.successful + tally.failed;
    }
    if (this.#batch.length >= BATCH_POLICIES) this.#write(new Map());
  }

  /** Where nobody knows how many datagrams there were, the sessions stand for them. */
  finish(counters: ReadonlyMap<string, number> = new Map([['datagrams', this.#sessions]])): void {
    this.#write(counters);
    this.#day.finish();
  }

  /** The same where there was no answer about so many domains. */
  finishWithout(domains: number): void {
    this.finish(new Map([['datagrams', this.#sessions], ...unansweredCounter(domains)]));
  }

  discard(): void {
    this.#day.discard();
  }

  #write(counters: ReadonlyMap<string, number>): void {
    const batch = this.#batch;
    this.#batch = [];
    const failures = batch.flatMap(({ id, tally }) => this.#numbered(id, tally));
    this.#day.add({
      policies: batch.map(({ id, domain, record, tally: { policy } }) => ({ id, domain, record, policy })),
      failures: failures.map(({ stored }) => stored),
      policyCounts: batch.flatMap(({ id, tally: { successful, failed } }) => [id, successful, failed]),
      failureCounts: failures.flatMap(({ stored: { id }, sessions }) => [id, sessions]),
      counters,
    });
  }

  #numbered(policyId: number, { failures }: PolicyTally): { stored: StoredFailure; sessions: number }[] {
    return failures.map(({ details, sessions }) => ({
      stored: { id: (this.#lastFailureId += 1), policyId, details },
      sessions,
    }));
  }
}
