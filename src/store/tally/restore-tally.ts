/**
 * Makes a tally know what a day's file has, so that it goes on from there.
 *
 * Rows that nobody wrote so are left out and named: whoever writes the file removes them.
 */
import type { Row, SqliteDatabase } from '../durable/sqlite.ts';
import { storedFailureOf, storedPolicyOf } from '../stored-sessions.ts';
import { parseStoredDatagram } from './session-changes.ts';
import type { StoredDatagram } from './session-changes.ts';
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
  const unreadable: UnreadableRow[] = [];
  const domains = new Map<number, string>();
  const note = (table: UnreadableRow['table'], row: Row): void => {
    unreadable.push({ table, id: Number(row['place']) });
  };
  const withFailures = new Set(database.all('SELECT DISTINCT policy_id FROM failures').map((row) => row['policy_id']));
  for (const row of database.each('SELECT id AS place, * FROM policies ORDER BY id')) {
    const stored = storedPolicyOf(row);
    if (!stored) note('policies', row);
    else tally.restorePolicy(stored);
    if (stored && withFailures.has(stored.id)) domains.set(stored.id, stored.domain);
  }
  for (const row of database.each('SELECT id AS place, * FROM failures ORDER BY id')) {
    const stored = storedFailureOf(row);
    const domain = stored && domains.get(stored.policyId);
    if (!stored || domain === undefined) note('failures', row);
    else tally.restoreFailure(stored, domain);
  }
  for (const row of database.each('SELECT number AS place, * FROM datagrams ORDER BY number')) {
    const stored = datagramOf(row);
    if (!stored) note('datagrams', row);
    else tally.restoreDatagram(stored);
  }
  return { tally, unreadable };
}

function datagramOf(row: Row): StoredDatagram | undefined {
  try {
    return parseStoredDatagram(Number(row['number']), String(row['meaning']));
  } catch {
    return undefined;
  }
}
