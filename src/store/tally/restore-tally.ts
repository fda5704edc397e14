/**
 * Makes a tally know what a day's file has, so that it goes on from there.
 *
 * Rows that nobody wrote so are left out and named. Whoever adds to the file removes them before: what is new may get their numbers.
 */
import type { SqliteDatabase } from '../durable/sqlite.ts';
import { storedFailureOf, storedPolicyOf } from '../sessions/stored-sessions.ts';
import { isNumbered } from './number-column.ts';
import { parseStoredDatagram } from './session-changes.ts';
import type { SessionTally } from './session-tally.ts';

export interface UnreadableRow {
  readonly table: 'policies' | 'failures' | 'datagrams';
  readonly id: number;
}

export interface RestoredTally {
  readonly tally: SessionTally;
  readonly unreadable: readonly UnreadableRow[];
}

export function restoreTally(tally: SessionTally, database: SqliteDatabase): RestoredTally {
  const domains = restorePolicies(tally, database);
  const failures = restoreFailures(tally, database, domains.found);
  const datagrams = restoreDatagrams(tally, database);
  for (const { name } of database.each('SELECT name FROM counters')) tally.restoreCounter(String(name));
  return { tally, unreadable: [...domains.unreadable, ...failures, ...datagrams] };
}

/** `found`: the domains of the policies that have failures, by the policy's id. */
function restorePolicies(
  tally: SessionTally,
  database: SqliteDatabase,
): { readonly found: ReadonlyMap<number, string>; readonly unreadable: UnreadableRow[] } {
  const [found, unreadable] = [new Map<number, string>(), [] as UnreadableRow[]];
  const withFailures = new Set(database.all('SELECT DISTINCT policy_id FROM failures').map((row) => row['policy_id']));
  for (const row of database.each('SELECT * FROM policies ORDER BY id')) {
    const stored = isNumbered(row['id']) ? storedPolicyOf(row) : undefined;
    if (stored) tally.restorePolicy(stored);
    else unreadable.push({ table: 'policies', id: Number(row['id']) });
    if (stored && withFailures.has(stored.id)) found.set(stored.id, stored.domain);
  }
  return { found, unreadable };
}

function restoreFailures(
  tally: SessionTally,
  database: SqliteDatabase,
  domains: ReadonlyMap<number, string>,
): UnreadableRow[] {
  const unreadable: UnreadableRow[] = [];
  for (const row of database.each('SELECT * FROM failures ORDER BY id')) {
    const stored = isNumbered(row['id']) ? storedFailureOf(row) : undefined;
    const domain = stored && domains.get(stored.policyId);
    if (stored && domain !== undefined) tally.restoreFailure(stored, domain);
    else unreadable.push({ table: 'failures', id: Number(row['id']) });
  }
  return unreadable;
}

function restoreDatagrams(tally: SessionTally, database: SqliteDatabase): UnreadableRow[] {
  const unreadable: UnreadableRow[] = [];
  for (const { number, meaning } of database.each('SELECT * FROM datagrams ORDER BY number')) {
    const stored = parseStoredDatagram(Number(number), String(meaning));
    if (!stored || !tally.restoreDatagram(stored)) unreadable.push({ table: 'datagrams', id: Number(number) });
  }
  return unreadable;
}

export function removeUnreadable(database: SqliteDatabase, unreadable: readonly UnreadableRow[]): void {
  for (const { table, id } of unreadable) database.run(`DELETE FROM ${table} WHERE rowid = :id`, { id });
}
