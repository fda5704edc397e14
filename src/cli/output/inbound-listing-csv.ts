/**
 * What others reported about us as CSV: a row for each result type, and one for each policy without any.
 *
 * The counts of a policy stand in each of its rows: they are for looking up, not for adding up.
 */
import type { DayResult } from '#pipeline/inbound/day-results.ts';
import { csvRow } from '#support/csv-row.ts';

const columns = [
  ...['day', 'organization', 'verifiedDomain', 'policyType', 'policyDomain', 'reports'],
  ...['successful', 'failed', 'resultType', 'sessions'],
];

export function* inboundListingCsv(results: Iterable<DayResult>): Generator<string> {
  yield csvRow(columns);
  for (const result of results) yield rowsOf(result);
}

function rowsOf(result: DayResult): string {
  const { day, organization, verifiedDomain, policyType, policyDomain, reports, successful, failed } = result;
  const head = [day, organization, verifiedDomain, policyType, policyDomain, reports, successful, failed];
  if (result.failures.length === 0) return csvRow([...head, undefined, undefined]);
  return result.failures.map(({ resultType, sessions }) => csvRow([...head, resultType, sessions])).join('');
}
