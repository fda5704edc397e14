/**
 * The domains of a day with the most failed sessions, and how they failed, found by SQLite: of days with very many domains these are few.
 */
import { isTypeName } from '#tlsrpt/type-name.ts';
import type { SqliteDatabase } from '../durable/sqlite.ts';

export interface FailingDomains {
  /** Those with most failed sessions, the worst first. */
  readonly worst: readonly FailingDomain[];
  /** How many there are in all. */
  readonly count: number;
}

export interface FailingDomain {
  readonly domain: string;
  /** Sessions, each for each of its policies. */
  readonly successful: number;
  readonly failed: number;
  /** By result type, the most frequent first. A session that fails in several ways counts for each. */
  readonly failures: readonly ResultTypeCount[];
}

export interface ResultTypeCount {
  readonly resultType: string;
  readonly sessions: number;
}

/** Those with the most failed sessions, the worst first. */
const FAILED = `SELECT domain, total(failed_sessions) AS failed FROM policies
  WHERE failed_sessions > 0 AND typeof(domain) = 'text' GROUP BY domain ORDER BY failed DESC, domain LIMIT :most`;
const AMONG = 'domain IN (SELECT value FROM json_each(:domains))';
const SUCCESSFUL = `SELECT domain, total(successful_sessions) AS successful FROM policies WHERE ${AMONG} GROUP BY domain`;
const FAILURES = `SELECT p.domain, f.result_type, total(f.failed_sessions) AS sessions
  FROM policies p CROSS JOIN failures f ON f.policy_id = p.id WHERE p.${AMONG} GROUP BY 1, 2 ORDER BY sessions DESC, 2`;
const COUNT = `SELECT count(DISTINCT domain) AS domains FROM policies WHERE failed_sessions > 0 AND typeof(domain) = 'text'`;

export function failingDomainsIn(database: Pick<SqliteDatabase, 'all'>, most: number): FailingDomains {
  const worst = database.all(FAILED, { most });
  const domains = JSON.stringify(worst.map((row) => row['domain']));
  const successful = new Map(database.all(SUCCESSFUL, { domains }).map((row) => [row['domain'], row['successful']]));
  const failures = new Map<unknown, ResultTypeCount[]>(worst.map((row) => [row['domain'], []]));
  for (const row of database.all(FAILURES, { domains }))
    if (isTypeName(row['result_type']))
      failures.get(row['domain'])?.push({ resultType: row['result_type'], sessions: Number(row['sessions']) });
  return {
    worst: worst.map((row) => ({
      domain: String(row['domain']),
      successful: Number(successful.get(row['domain']) ?? 0),
      failed: Number(row['failed']),
      failures: failures.get(row['domain']) ?? [],
    })),
    count: Number(database.all(COUNT)[0]?.['domains'] ?? 0),
  };
}
