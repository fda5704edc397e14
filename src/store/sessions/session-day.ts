/**
 * The sessions of one UTC day, added up by domain, record, policy and failure: `sessions/DAY.sqlite`.
 *
 * What came since the last checkpoint is in journals, as the datagrams themselves: whoever reads a day that is open adds them up. A day is
 * closed once it is over: the file then stands alone.
 */
import { basename } from 'node:path';
import { databasePaths, emptyDatabase, openSnapshot, readDatabase } from '../durable/database-file.ts';
import type { DatabaseContent, DatabaseContext } from '../durable/database-file.ts';
import { isBefore, pairKey } from '#support/merge-ordered.ts';
import { applyChanges } from '../durable/changes.ts';
import type { DatagramReplay, FileKind } from '../durable/file-kind.ts';
import { LayeredBytes } from '../durable/file-bytes.ts';
import { lastFrameOf } from '../durable/snapshot.ts';
import { closedOnFailure } from '../durable/sqlite.ts';
import type { Parameters, Row, SqliteDatabase } from '../durable/sqlite.ts';
import type { DomainTally, FailureTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DayDomains } from './domain-sums.ts';
import { failingDomainsIn } from './failing-domains.ts';
import type { FailingDomains } from './failing-domains.ts';
import { mergedDomainOf } from './merged-domains.ts';
import { sessionSumsOf } from './session-sums.ts';
import type { SessionSums } from './session-sums.ts';
import { problemsIn } from './piece-counters.ts';
import { misnamedProblem, reading } from '../store-problem.ts';
import type { PieceProblem } from '../store-problem.ts';
import { countOf, storedFailureOf, storedPolicyOf } from './stored-sessions.ts';
import { removeUnreadable, restoreTally } from '../tally/restore-tally.ts';
import type { RestoredTally } from '../tally/restore-tally.ts';
import { changesOf } from '../tally/session-changes.ts';
import { SessionTally } from '../tally/session-tally.ts';

export interface SessionDayIdentity {
  readonly day: UtcDay;
  /** The identity of the state directory that collected the day. */
  readonly origin: string;
}

/** What was seen under the policy of a TLSA base domain with one recipient domain and record. */
export interface TlsaTally {
  readonly domain: string;
  readonly record: string | undefined;
  readonly tally: PolicyTally;
}

/** Where a policy is in the file of a day. */
export interface PolicyPlace {
  readonly id: number;
  readonly domain: string;
}

export const sessionDayKind: FileKind = {
  name: 'sessions of one day',
  version: 2,
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
    CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
    CREATE TABLE datagrams (number INTEGER PRIMARY KEY, meaning TEXT NOT NULL);`,
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
    peak: `INSERT INTO counters VALUES (:name, :value)
      ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
    'remember-datagram': 'INSERT OR REPLACE INTO datagrams VALUES (:number, :meaning)',
    'forget-datagrams': 'DELETE FROM datagrams',
  },
  besideDatagrams: { statements: ['begin-day', 'count', 'peak'], maxBytes: 67_108_864 },
  datagramReplay: replayDatagrams,
};

/** The tally is restored from what the snapshot has once there is something to add. */
function replayDatagrams(database: SqliteDatabase): DatagramReplay {
  let restored: RestoredTally | undefined;
  return {
    take: (payload) => {
      restored ??= restoreTally(new SessionTally(), database);
      return restored.tally.take(payload) !== undefined;
    },
    finish: () => {
      if (!restored) return [];
      const { tally, unreadable } = restored;
      removeUnreadable(database, unreadable);
      applyChanges(database, sessionDayKind, changesOf(tally.changes()));
      return unreadable.length === 0 ? [] : [unreadableRowsText(unreadable.length)];
    },
  };
}

const BY_DOMAIN = 'SELECT id FROM policies ORDER BY domain, id';
const SOME_BY_DOMAIN = `SELECT id FROM policies WHERE domain IN (SELECT value FROM json_each(:domains))
  ORDER BY domain, id`;
const TLSA_BY_BASE_DOMAIN = "SELECT id FROM policies WHERE policy_type = 'tlsa' ORDER BY policy_domain, domain, id";

/** How far the snapshot of a day goes. */
export function readSnapshotFrame({ sqlite, disk }: DatabaseContext, stem: string): number {
  const { snapshot } = databasePaths(stem);
  const bytes = reading(snapshot, () => LayeredBytes.of(disk, snapshot));
  const database = openSnapshot(sqlite, bytes, sessionDayKind);
  try {
    return lastFrameOf(database, snapshot);
  } finally {
    database.close();
  }
}

/** What is to be read beside the file of a day; returns what of it is left out. */
export type Addition = (database: SqliteDatabase) => readonly PieceProblem[];

/** A day as anyone may read it, also while it is being collected. */
export class SessionDayReader {
  readonly #database: SqliteDatabase;
  #withFailures: ReadonlySet<number> | undefined;
  /** False while there is a journal: the collector has not closed the day. */
  readonly closed: boolean;
  readonly #damage: readonly string[];
  readonly #notAdded: readonly PieceProblem[];
  readonly #unreadableRows = new Set<string>();

  private constructor({ database, lastJournal, damage }: DatabaseContent, notAdded: readonly PieceProblem[] = []) {
    this.#database = database;
    this.closed = lastJournal === 0;
    this.#damage = damage;
    this.#notAdded = notAdded;
  }

  /** Undefined when nothing was collected on that day. */
  static open(context: DatabaseContext, stem: string): SessionDayReader | undefined {
    const content = readDatabase(context, databasePaths(stem), sessionDayKind);
    return content && new SessionDayReader(content);
  }

  /**
   * The same of one that is known by its name: a file that was copied or renamed would count for a day that is not its own. With something to
   * add there is always a day.
   */
  static openNamed(context: DatabaseContext, stem: string, add?: Addition): SessionDayReader | undefined {
    const paths = databasePaths(stem);
    const content =
      readDatabase(context, paths, sessionDayKind) ?? (add && emptyDatabase(context, paths, sessionDayKind));
    return (
      content &&
      closedOnFailure(content.database, () => {
        requireDayOfName(content.database, stem);
        return new SessionDayReader(content, add?.(content.database));
      })
    );
  }

  /** Undefined for a day whose collector ended before it had written the first line. */
  get identity(): SessionDayIdentity | undefined {
    return identityIn(this.#database);
  }

  counters(): Map<string, number> {
    return countersIn(this.#database);
  }

  /** The first domains with details that the day has no room for, each with the number of such datagrams; see merged-domains.ts. */
  mergedDomains(): Map<string, number> {
    const merged = new Map<string, number>();
    for (const [name, value] of this.counters()) {
      const domain = mergedDomainOf(name);
      if (domain !== undefined) merged.set(domain, value);
    }
    return merged;
  }

  /** By policy type and result type. */
  sums(): SessionSums {
    return sessionSumsOf(this.#database);
  }

  /** The domains with which sessions failed, of which `most` are named. */
  failingDomains(most: number): FailingDomains {
    return failingDomainsIn(this.#database, most);
  }

  /** What each domain comes to. */
  readonly byDomain = (): DayDomains => new DayDomains(this.#database);

  /** Each policy by its number in this file, for `talliesAt`, in no order. */
  *policyPlaces(): Generator<PolicyPlace> {
    for (const row of this.#database.each("SELECT id, domain FROM policies WHERE typeof(domain) = 'text'"))
      yield { id: Number(row['id']), domain: String(row['domain']) };
  }

  domains(): string[] {
    return this.#database
      .all("SELECT DISTINCT domain FROM policies WHERE typeof(domain) = 'text' ORDER BY domain")
      .map((row) => String(row['domain']));
  }

  /** One tally for each domain and record, ordered by both; of all domains, or of those that are named. */
  domainTallies(only?: readonly string[]): Generator<DomainTally> {
    const rows = only ? this.#policies(SOME_BY_DOMAIN, { domains: JSON.stringify(only) }) : this.#policies(BY_DOMAIN);
    return this.#grouped(this.#inOrder(rows, domainOf));
  }

  /** One tally for each record. */
  talliesOf(domain: string): Generator<DomainTally> {
    return this.#grouped(this.#database.each('SELECT * FROM policies WHERE domain = :domain ORDER BY id', { domain }));
  }

  /** The same of the policies with these numbers, as far as they are of that domain. */
  talliesAt(ids: readonly number[], domain: string): Generator<DomainTally> {
    const sql =
      'SELECT * FROM policies WHERE id IN (SELECT value FROM json_each(:ids)) AND domain = :domain ORDER BY id';
    return this.#grouped(this.#database.each(sql, { ids: JSON.stringify(ids), domain }), () => true); // they are few
  }

  /** Each domain, in order, and whether a record was passed on with any of its sessions. */
  *domainsWithRecords(): Generator<{ readonly domain: string; readonly hasRecord: boolean }> {
    const sql = `SELECT min(id) AS id, domain, count(record) AS records FROM policies WHERE typeof(domain) = 'text'
      GROUP BY domain ORDER BY domain`;
    for (const row of this.#inOrder(this.#database.each(sql), domainOf)) {
      yield { domain: String(row['domain']), hasRecord: Number(row['records']) > 0 };
    }
  }

  /** The pairs of a TLSA base domain and a recipient domain; some of them more than once, as to sort them takes memory. */
  *tlsaDomains(): Generator<{ readonly baseDomain: string; readonly domain: string }> {
    const sql = "SELECT policy_domain, domain FROM policies WHERE policy_type = 'tlsa'";
    for (const row of this.#database.each(sql)) {
      yield { baseDomain: String(row['policy_domain']), domain: String(row['domain']) };
    }
  }

  /** Ordered by TLSA base domain, and for each of them by domain. */
  *tlsaTallies(): Generator<TlsaTally> {
    for (const row of this.#inOrder(this.#policies(TLSA_BY_BASE_DOMAIN), hostAndDomainOf)) {
      const stored = this.#policyOf(row);
      if (stored) yield stored;
    }
  }

  /** What is left out, as sentences: of the journals, and the rows that nobody wrote so, as far as they have been come upon. */
  unreadable(): string[] {
    const rows = this.#unreadableRows.size;
    const notMoved = this.movedLeftOut().map(({ phrase }) => phrase);
    return [...this.#damage, ...notMoved, ...(rows === 0 ? [] : [unreadableRowsText(rows)])];
  }

  /** What is left out, or may be, of that which `import sys4` moved into the day: as it is seen now, or else as it was when the day was closed. */
  movedLeftOut(): readonly PieceProblem[] {
    return this.#notAdded.length > 0 ? this.#notAdded : problemsIn(this.counters(), this.identity?.day);
  }

  integrityFaults(): string[] {
    return this.#database.integrityFaults();
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Days are merged by this order, so a row that breaks it is left out. SQLite orders by the bytes that are stored; what is read may be another
   * text when nobody wrote it so, as the decoder passes over a byte order mark and replaces what is not UTF-8.
   */
  *#inOrder(rows: Iterable<Row>, keyOf: (row: Row) => string | undefined): Generator<Row> {
    let last = '';
    for (const row of rows) {
      const key = keyOf(row);
      const isInOrder = key === undefined || !isBefore(key, last);
      if (!isInOrder) this.#unreadableRows.add(`policy ${String(row['id'])}`);
      if (isInOrder && key !== undefined) last = key;
      if (isInOrder) yield row;
    }
  }

  /** Of rows that are ordered by domain. */
  *#grouped(rows: Iterable<Row>, mayHaveFailures = this.#hasFailures): Generator<DomainTally> {
    let group: { domain: string; tallies: Map<string | undefined, PolicyTally[]> } | undefined;
    for (const row of rows) {
      const stored = this.#policyOf(row, mayHaveFailures);
      if (!stored) continue;
      const { domain, record, tally } = stored;
      if (group?.domain !== domain) {
        if (group) yield* domainTalliesOf(group);
        group = { domain, tallies: new Map() };
      }
      group.tallies.set(record, [...(group.tallies.get(record) ?? []), tally]);
    }
    if (group) yield* domainTalliesOf(group);
  }

  /**
   * Only what is sorted by is held in memory; the rest of each row is looked up in its turn. The limit, which is none, keeps SQLite from
   * making one query of the two and sorting whole rows.
   */
  #policies(idsInOrder: string, parameters?: Parameters): Generator<Row> {
    return this.#database.each(
      `SELECT policies.* FROM (${idsInOrder} LIMIT -1) AS sorted CROSS JOIN policies ON policies.id = sorted.id`,
      parameters,
    );
  }

  /** Most policies have no failures, and need not be asked for them one by one. */
  readonly #hasFailures = (policyId: number): boolean => {
    this.#withFailures ??= new Set(
      this.#database.all('SELECT DISTINCT policy_id FROM failures').map((row) => Number(row['policy_id'])),
    );
    return this.#withFailures.has(policyId);
  };

  #failuresOf(policyId: number): FailureTally[] {
    return this.#database
      .all('SELECT * FROM failures WHERE policy_id = :policyId ORDER BY id', { policyId })
      .flatMap((row) => {
        const [stored, sessions] = [storedFailureOf(row), countOf(row['failed_sessions'])];
        if (stored && sessions !== undefined) return [{ details: stored.details, sessions }];
        this.#unreadableRows.add(`failure ${String(row['id'])}`);
        return [];
      });
  }

  #policyOf(row: Row, mayHaveFailures = this.#hasFailures): TlsaTally | undefined {
    const stored = storedPolicyOf(row);
    const [successful, failed] = [countOf(row['successful_sessions']), countOf(row['failed_sessions'])];
    if (!stored || successful === undefined || failed === undefined) {
      this.#unreadableRows.add(`policy ${String(row['id'])}`);
      return undefined;
    }
    const { id, domain, record, policy } = stored;
    const failures = mayHaveFailures(id) ? this.#failuresOf(id) : [];
    return { domain, record, tally: { policy, successful, failed, failures } };
  }
}

/** Undefined for a row that cannot be read in any case. */
function domainOf({ domain }: Row): string | undefined {
  return typeof domain === 'string' ? domain : undefined;
}

function hostAndDomainOf({ policy_domain: host, domain }: Row): string | undefined {
  return typeof host === 'string' && typeof domain === 'string' ? pairKey(host, domain) : undefined;
}

export function countersIn(database: SqliteDatabase): Map<string, number> {
  const rows = database.all('SELECT name, value FROM counters ORDER BY name');
  return new Map(rows.map((row) => [String(row['name']), Number(row['value'])]));
}

export function identityIn(database: SqliteDatabase): SessionDayIdentity | undefined {
  const [row] = database.all('SELECT day, origin FROM day LIMIT 1');
  return row && { day: row['day'] as UtcDay, origin: String(row['origin']) };
}

/** Throws a StoreProblem for a file that is named for another day than the one that it holds. */
export function requireDayOfName(database: SqliteDatabase, stem: string): void {
  const holds = identityIn(database)?.day;
  if (holds !== undefined && holds !== basename(stem))
    throw misnamedProblem(databasePaths(stem).snapshot, `the sessions of ${holds}`);
}

function unreadableRowsText(rows: number): string {
  return `${String(rows)} of its rows cannot be read`;
}

function* domainTalliesOf({
  domain,
  tallies,
}: {
  readonly domain: string;
  readonly tallies: ReadonlyMap<string | undefined, readonly PolicyTally[]>;
}): Generator<DomainTally> {
  const records = [...tallies.keys()].sort((a = '', b = '') => (a < b ? -1 : 1));
  for (const record of records) yield { domain, record, policies: tallies.get(record) ?? [] };
}
