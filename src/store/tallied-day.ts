/**
 * Writes a complete day file from tallies that somebody else added up.
 */
import { rmSync } from 'node:fs';
import { databasePaths } from './durable/database-file.ts';
import type { Sqlite } from './durable/sqlite.ts';
import { foldJournal } from './durable/fold-journal.ts';
import { sessionDayKind } from './session-day.ts';
import type { SessionDayIdentity, StoredFailure } from './session-day.ts';
import { SessionDayWriter } from './session-day-writer.ts';
import type { DomainTally, PolicyTally } from '#tlsrpt/tally.ts';

interface NumberedPolicy extends Pick<DomainTally, 'domain' | 'record'> {
  readonly id: number;
  readonly tally: PolicyTally;
}

/** Written together, since each transaction costs. */
const BATCH_POLICIES = 1_000;

export class TalliedDay {
  readonly #sqlite: Sqlite;
  readonly #day: SessionDayWriter;
  #batch: NumberedPolicy[] = [];
  #lastPolicyId = 0;
  #lastFailureId = 0;
  #sessions = 0;

  private constructor(sqlite: Sqlite, day: SessionDayWriter) {
    this.#sqlite = sqlite;
    this.#day = day;
  }

  /** Replaces what is at `stem`. */
  static create(sqlite: Sqlite, stem: string, identity: SessionDayIdentity): TalliedDay {
    const { snapshot, journal } = databasePaths(stem);
    for (const path of [journal, snapshot]) rmSync(path, { force: true });
    const day = SessionDayWriter.open({ sqlite, stem, identity, restore: () => undefined });
    return new TalliedDay(sqlite, day);
  }

  add({ domain, record, policies }: DomainTally): void {
    for (const tally of policies) {
      this.#batch.push({ id: (this.#lastPolicyId += 1), domain, record, tally });
      this.#sessions += tally.successful + tally.failed;
    }
    if (this.#batch.length >= BATCH_POLICIES) this.#write(new Map());
  }

  /** How many datagrams there were nobody has told; the sessions stand for them. */
  finish(): void {
    this.#write(new Map([['datagrams', this.#sessions]]));
    this.#day.close();
    foldJournal({ sqlite: this.#sqlite, stem: this.#day.stem, kind: sessionDayKind, finish: true });
  }

  close(): void {
    this.#day.close();
  }

  #write(counters: ReadonlyMap<string, number>): void {
    const batch = this.#batch;
    this.#batch = [];
    const failures = batch.flatMap(({ id, tally }) => this.#numbered(id, tally));
    this.#day.append({
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
