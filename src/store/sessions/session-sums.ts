/**
 * The sessions of a day by policy type, and its failures by result type, added up by SQLite: for whoever asks often, of days with very many
 * domains.
 *
 * Types that are not known here are one, `other`, as strangers choose their names (RFC 8460 6.6).
 */
import { policyTypes } from '#tlsrpt/policy-type.ts';
import type { KnownPolicyType } from '#tlsrpt/policy-type.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';
import type { KnownResultType } from '#tlsrpt/result-type.ts';
import type { Row, SqliteDatabase } from '../durable/sqlite.ts';

export type SummedPolicyType = KnownPolicyType | 'other';
export type SummedResultType = KnownResultType | 'other';

export interface SessionSums {
  readonly policies: readonly PolicySum[];
  readonly failures: readonly FailureSum[];
}

export interface PolicySum {
  readonly policyType: SummedPolicyType;
  /** Sessions. */
  readonly successful: number;
  readonly failed: number;
}

/** A session that fails in several ways counts for each. */
export interface FailureSum {
  readonly policyType: SummedPolicyType;
  readonly resultType: SummedResultType;
  readonly sessions: number;
}

const POLICY_TYPE = knownOrOther('p.policy_type', policyTypes);
const RESULT_TYPE = knownOrOther('f.result_type', resultTypes);
/** total() is never too large for SQLite, as sum() may be where a bit has flipped. */
const POLICIES = `
  SELECT ${POLICY_TYPE} AS policy_type, total(successful_sessions) AS successful, total(failed_sessions) AS failed
  FROM policies p GROUP BY 1`;
const FAILURES = `
  SELECT ${POLICY_TYPE} AS policy_type, ${RESULT_TYPE} AS result_type, total(f.failed_sessions) AS sessions
  FROM failures f CROSS JOIN policies p ON p.id = f.policy_id GROUP BY 1, 2`;

export function sessionSumsOf(database: Pick<SqliteDatabase, 'all'>): SessionSums {
  return {
    policies: database.all(POLICIES).map((row) => ({
      policyType: knownIn(policyTypes, row['policy_type']),
      successful: Number(row['successful']),
      failed: Number(row['failed']),
    })),
    failures: database.all(FAILURES).map((row) => ({
      policyType: knownIn(policyTypes, row['policy_type']),
      resultType: knownIn(resultTypes, row['result_type']),
      sessions: Number(row['sessions']),
    })),
  };
}

function knownOrOther(column: string, known: readonly string[]): string {
  const names = known.map((name) => `'${name}'`).join(', ');
  return `CASE WHEN ${column} IN (${names}) THEN ${column} ELSE 'other' END`;
}

function knownIn<T extends string>(known: readonly T[], value: Row[string] | undefined): T | 'other' {
  return known.find((name) => name === value) ?? 'other';
}
