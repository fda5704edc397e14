/**
 * The sessions of one UTC day, added up by domain, record, policy and failure: `sessions/DAY.sqlite`.
 *
 * The collector numbers policies and failures itself, so that its changes are the same whenever they are replayed. A day is closed
 * once it is over: its journal is folded in and the file stands alone.
 */
import type { Change } from './durable/journal-format.ts';
import { DurableDatabase } from './durable/durable-database.ts';
import type { DatabaseContent, FileKind } from './durable/database-file.ts';
import { databasePaths, readDatabase } from './durable/database-file.ts';
import { closedOnFailure } from './durable/sqlite.ts';
import type { Row, Sqlite, SqliteDatabase } from './durable/sqlite.ts';
import type { FailureDetails, Policy, PolicyType } from '#tlsrpt/session.ts';
import type { ResultType } from '#tlsrpt/result-type.ts';
import type { DomainTally, FailureTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface SessionDayIdentity {
  readonly day: UtcDay;
  /** The identity of the state directory that collected the day. */
  readonly origin: string;
}

/** A policy with the domain and record it was seen under. */
export interface StoredPolicy {
  readonly id: number;
  readonly domain: string;
  readonly record: string | undefined;
  readonly policy: Policy;
}

export interface StoredFailure {
  readonly id: number;
  readonly policyId: number;
  readonly details: FailureDetails;
}

/** What has been seen since the last append. Counts are added to what is stored. */
export interface SessionChanges {
  readonly policies: readonly StoredPolicy[];
  readonly failures: readonly StoredFailure[];
  readonly policyCounts: readonly { readonly id: number; readonly successful: number; readonly failed: number }[];
  readonly failureCounts: readonly { readonly id: number; readonly sessions: number }[];
  readonly counters: ReadonlyMap<string, number>;
}

/** A day that is smaller is not worth one. */
const LEAST_CHECKPOINT_BYTES = 33_554_432;

export const sessionDayKind: FileKind = {
  name: 'sessions of one day',
  version: 1,
  tables: `
    CREATE TABLE day (day TEXT NOT NULL, origin TEXT NOT NULL);
    CREATE TABLE policies (
      id INTEGER PRIMARY KEY, domain TEXT NOT NULL, record TEXT, policy_type TEXT NOT NULL, policy_domain TEXT NOT NULL,
      policy_strings TEXT NOT NULL, mx_hosts TEXT NOT NULL,
      successful_sessions INTEGER NOT NULL DEFAULT 0, failed_sessions INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE failures (
      id INTEGER PRIMARY KEY, policy_id INTEGER NOT NULL REFERENCES policies (id), result_type TEXT NOT NULL, sending_mta_ip TEXT,
      receiving_mx_hostname TEXT, receiving_mx_helo TEXT, receiving_ip TEXT, additional_information TEXT, failure_reason_code TEXT,
      failed_sessions INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX failures_of_policy ON failures (policy_id);
    CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);`,
  statements: {
    'begin-day': 'INSERT INTO day VALUES (:day, :origin)',
    'add-policy': `INSERT INTO policies (id, domain, record, policy_type, policy_domain, policy_strings, mx_hosts)
      VALUES (:id, :domain, :record, :type, :policyDomain, :strings, :mxHosts)`,
    'add-failure': `INSERT INTO failures (id, policy_id, result_type, sending_mta_ip, receiving_mx_hostname, receiving_mx_helo,
        receiving_ip, additional_information, failure_reason_code)
      VALUES (:id, :policyId, :resultType, :sendingMtaIp, :mxHostname, :mxHelo, :receivingIp, :information, :reason)`,
    'count-sessions': `UPDATE policies SET successful_sessions = successful_sessions + :successful,
      failed_sessions = failed_sessions + :failed WHERE id = :id`,
    'count-failures': 'UPDATE failures SET failed_sessions = failed_sessions + :sessions WHERE id = :id',
    count: `INSERT INTO counters VALUES (:name, :value)
      ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
  },
};

/** The day as its collector writes it. */
export class SessionDay {
  readonly #database: DurableDatabase;

  private constructor(database: DurableDatabase) {
    this.#database = database;
  }

  static open(sqlite: Sqlite, stem: string, identity: SessionDayIdentity): SessionDay {
    const database = DurableDatabase.open({ sqlite, stem, kind: sessionDayKind, durability: 'on-demand' });
    return closedOnFailure(database, () => {
      if (database.all('SELECT day FROM day').length === 0) {
        database.transact([['begin-day', { day: identity.day, origin: identity.origin }]]);
      }
      return new SessionDay(database);
    });
  }

  get tornBytes(): number {
    return this.#database.tornBytes;
  }

  /** True when replaying the journal would take longer than a checkpoint. */
  get wantsCheckpoint(): boolean {
    const { journalBytes } = this.#database;
    return journalBytes > LEAST_CHECKPOINT_BYTES && journalBytes > this.#database.databaseBytes;
  }

  *storedPolicies(): Generator<StoredPolicy> {
    for (const row of this.#database.each('SELECT * FROM policies ORDER BY id')) yield storedPolicyOf(row);
  }

  *storedFailures(): Generator<StoredFailure> {
    for (const row of this.#database.each('SELECT * FROM failures ORDER BY id')) {
      yield { id: Number(row['id']), policyId: Number(row['policy_id']), details: detailsOf(row) };
    }
  }

  append(changes: SessionChanges): void {
    this.#database.transact([
      ...changes.policies.map(addPolicy),
      ...changes.failures.map(addFailure),
      ...changes.policyCounts.map((counts): Change => ['count-sessions', counts]),
      ...changes.failureCounts.map((counts): Change => ['count-failures', counts]),
      ...[...changes.counters].map(([name, value]): Change => ['count', { name, value }]),
    ]);
  }

  sync(): void {
    this.#database.sync();
  }

  checkpoint(): void {
    this.#database.checkpoint();
  }

  /** For a day that is over. */
  finish(): void {
    this.#database.finish();
  }

  close(): void {
    this.#database.close();
  }
}

/** A day as anyone may read it, also while it is being collected. */
export class SessionDayReader {
  readonly #database: SqliteDatabase;
  /** False while there is a journal: the collector has not closed the day. */
  readonly closed: boolean;

  private constructor({ database, journal }: DatabaseContent) {
    this.#database = database;
    this.closed = journal === undefined;
  }

  /** Undefined when nothing was collected on that day. */
  static open(sqlite: Sqlite, stem: string): SessionDayReader | undefined {
    const content = readDatabase(sqlite, databasePaths(stem), sessionDayKind);
    return content && new SessionDayReader(content);
  }

  /** Undefined for a day whose collector ended before it had written the first line. */
  get identity(): SessionDayIdentity | undefined {
    const [row] = this.#database.all('SELECT day, origin FROM day');
    return row && { day: row['day'] as UtcDay, origin: String(row['origin']) };
  }

  counters(): Map<string, number> {
    const rows = this.#database.all('SELECT name, value FROM counters ORDER BY name');
    return new Map(rows.map((row) => [String(row['name']), Number(row['value'])]));
  }

  domains(): string[] {
    return this.#database
      .all('SELECT DISTINCT domain FROM policies ORDER BY domain')
      .map((row) => String(row['domain']));
  }

  /** One tally for each domain and record, ordered by domain. */
  *domainTallies(): Generator<DomainTally> {
    let policies: { stored: StoredPolicy; tally: PolicyTally }[] = [];
    for (const row of this.#database.each('SELECT * FROM policies ORDER BY domain, record, id')) {
      const stored = storedPolicyOf(row);
      const [previous] = policies;
      if (previous && (previous.stored.domain !== stored.domain || previous.stored.record !== stored.record)) {
        yield domainTallyOf(previous.stored, policies);
        policies = [];
      }
      policies.push({ stored, tally: this.#policyTally(row, stored) });
    }
    const [last] = policies;
    if (last) yield domainTallyOf(last.stored, policies);
  }

  integrityFaults(): string[] {
    const rows = this.#database.all('PRAGMA integrity_check');
    return rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
  }

  close(): void {
    this.#database.close();
  }

  #policyTally(row: Row, { id, policy }: StoredPolicy): PolicyTally {
    return {
      policy,
      successful: Number(row['successful_sessions']),
      failed: Number(row['failed_sessions']),
      failures: this.#failuresOf(id),
    };
  }

  #failuresOf(policyId: number): FailureTally[] {
    return this.#database
      .all('SELECT * FROM failures WHERE policy_id = :policyId ORDER BY id', { policyId })
      .map((failure) => ({ details: detailsOf(failure), sessions: Number(failure['failed_sessions']) }));
  }
}

function domainTallyOf({ domain, record }: StoredPolicy, policies: readonly { tally: PolicyTally }[]): DomainTally {
  return { domain, record, policies: policies.map(({ tally }) => tally) };
}

function addPolicy({ id, domain, record, policy }: StoredPolicy): Change {
  return [
    'add-policy',
    {
      id,
      domain,
      record: record ?? null,
      type: policy.type,
      policyDomain: policy.domain,
      strings: JSON.stringify(policy.strings),
      mxHosts: JSON.stringify(policy.mxHosts),
    },
  ];
}

function addFailure({ id, policyId, details }: StoredFailure): Change {
  return [
    'add-failure',
    {
      id,
      policyId,
      resultType: details.resultType,
      sendingMtaIp: details.sendingMtaIp ?? null,
      mxHostname: details.receivingMxHostname ?? null,
      mxHelo: details.receivingMxHelo ?? null,
      receivingIp: details.receivingIp ?? null,
      information: details.additionalInformation ?? null,
      reason: details.failureReasonCode ?? null,
    },
  ];
}

function storedPolicyOf(row: Row): StoredPolicy {
  return {
    id: Number(row['id']),
    domain: String(row['domain']),
    record: optionalText(row['record']),
    policy: {
      type: row['policy_type'] as PolicyType,
      domain: String(row['policy_domain']),
      strings: JSON.parse(String(row['policy_strings'])) as string[],
      mxHosts: JSON.parse(String(row['mx_hosts'])) as string[],
    },
  };
}

function detailsOf(row: Row): FailureDetails {
  return {
    resultType: row['result_type'] as ResultType,
    sendingMtaIp: optionalText(row['sending_mta_ip']),
    receivingMxHostname: optionalText(row['receiving_mx_hostname']),
    receivingMxHelo: optionalText(row['receiving_mx_helo']),
    receivingIp: optionalText(row['receiving_ip']),
    additionalInformation: optionalText(row['additional_information']),
    failureReasonCode: optionalText(row['failure_reason_code']),
  };
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
