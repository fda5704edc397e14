/**
 * The sessions of each domain of a day, added up by SQLite, for whoever compares many days: one domain at a time, in no order.
 */
import { isTypeName } from '#tlsrpt/type-name.ts';
import type { SqliteDatabase } from '../durable/sqlite.ts';
import type { SeenExample } from '../watch-book.ts';

export interface DomainSums {
  readonly domain: string;
  /** Sessions, each for each of its policies. */
  readonly successful: number;
  readonly failed: number;
}

export interface DomainFailure {
  readonly domain: string;
  /** One of those that have this result type under this policy. */
  readonly example: SeenExample;
  readonly sessions: number;
}

const SUMS = `SELECT domain, total(successful_sessions) AS successful, total(failed_sessions) AS failed FROM policies
  WHERE typeof(domain) = 'text' GROUP BY domain`;
const FAILURES = `SELECT p.domain, p.policy_type, p.policy_domain, f.result_type, max(f.receiving_mx_hostname) AS mx,
  max(f.receiving_ip) AS ip, total(f.failed_sessions) AS sessions
  FROM failures f CROSS JOIN policies p ON p.id = f.policy_id WHERE typeof(p.domain) = 'text' GROUP BY 1, 2, 3, 4`;

export class DayDomains {
  readonly #database: Pick<SqliteDatabase, 'each'>;

  constructor(database: Pick<SqliteDatabase, 'each'>) {
    this.#database = database;
  }

  *sums(): Generator<DomainSums> {
    for (const { domain, successful, failed } of this.#database.each(SUMS))
      yield { domain: String(domain), successful: Number(successful), failed: Number(failed) };
  }

  /** By policy and result type. */
  *failures(): Generator<DomainFailure> {
    for (const row of this.#database.each(FAILURES)) {
      const { domain, policy_type: policyType, policy_domain: policyDomain, result_type: resultType } = row;
      if (!isTypeName(resultType)) continue;
      const example = {
        resultType,
        policyType: String(policyType),
        policyDomain: String(policyDomain === '' ? domain : policyDomain),
        receivingMxHostname: textOf(row['mx']),
        receivingIp: textOf(row['ip']),
      };
      yield { domain: String(domain), example, sessions: Number(row['sessions']) };
    }
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
