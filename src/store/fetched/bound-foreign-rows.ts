/**
 * Removes the rows of another host's day that no collector can have written: texts without end, and more rows or bytes than one domain, or
 * the failures of one policy, may have. A domain is read as a whole, and costs memory and time as soon as it is.
 *
 * To be called once the schema is known to be ours and SQLite finds the file sound.
 */
import { datagramLimits } from '#tlsrpt/datagram.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import { changeInPlace } from '../durable/change-in-place.ts';
import { LayeredBytes } from '../durable/file-bytes.ts';
import { SqliteDatabase } from '../durable/sqlite.ts';
import { tallyLimits } from '../tally/session-tally.ts';
import type { TallyLimits } from '../tally/session-tally.ts';

/** Everything that a row holds comes from one datagram, in which a byte may become an escape of several. */
const MAX_ROW_BYTES = 4 * datagramLimits.sizeBytes;
/** Of `day` and `counters`. */
const MAX_NAME_BYTES = 4_096;
/** Several times what a collector has. */
const MAX_COUNTERS = 1_000;
/** Beyond its bounds a domain has a policy for each type, and a policy a failure for each result type. */
const MERGED_ROWS = 64;
const MAX_POLICIES_OF_DOMAIN = tallyLimits.policiesOfDomain + MERGED_ROWS;
const MAX_FAILURES_OF_POLICY = tallyLimits.failureDetailsPerPolicy + MERGED_ROWS;

/** The limits of a tally count texts as they are, here they are JSON. */
const JSON_GROWTH = 2;
/** With the failures. Half of it has room for all that is merged beyond a budget. */
const MAX_DOMAIN_BYTES = JSON_GROWTH * tallyLimits.domainBytes;

const POLICY_TEXTS = ['domain', 'record', 'policy_type', 'policy_domain', 'policy_strings', 'mx_hosts'];
const FAILURE_TEXTS = [
  'result_type',
  'sending_mta_ip',
  'receiving_mx_hostname',
  'receiving_mx_helo',
  'receiving_ip',
  'additional_information',
  'failure_reason_code',
];

const BYTES_OF_ROW = {
  failures: bytesOf(FAILURE_TEXTS),
  policies: `${bytesOf(POLICY_TEXTS)} + (SELECT total(${bytesOf(FAILURE_TEXTS)}) FROM failures WHERE policy_id = policies.id)`,
};

type Excess = readonly [table: string, condition: string];

/** Which rows go, in this order: what sorts comes after what is too long to be sorted. */
const EXCESS: readonly Excess[] = [
  ['day', `${bytesOf(['day', 'origin'])} > ${String(MAX_NAME_BYTES)}`],
  ['counters', `${bytesOf(['name'])} > ${String(MAX_NAME_BYTES)}`],
  ['counters', `rowid IN (SELECT rowid FROM counters ORDER BY rowid LIMIT -1 OFFSET ${String(MAX_COUNTERS)})`],
  ['datagrams', `${bytesOf(['meaning'])} > ${String(MAX_ROW_BYTES)}`],
  ['policies', `${bytesOf(POLICY_TEXTS)} > ${String(MAX_ROW_BYTES)}`],
  ['failures', `${bytesOf(FAILURE_TEXTS)} > ${String(MAX_ROW_BYTES)}`],
  ['failures', beyond('failures', 'policy_id', `place > ${String(MAX_FAILURES_OF_POLICY)}`)],
  [
    'policies',
    beyond('policies', 'domain', `place > ${String(MAX_POLICIES_OF_DOMAIN)} OR bytes > ${String(MAX_DOMAIN_BYTES)}`),
  ],
];

/** Returns how many rows are gone. */
export function boundForeignRows(context: DatabaseContext, path: string): number {
  return EXCESS.reduce((gone, excess) => gone + removeRows(context, path, excess), 0);
}

/** What all domains of a day together may have. */
export type DayLimits = Pick<TallyLimits, 'policies' | 'dayBytes'>;

/** True for more than that. */
export function holdsMoreThanADay(context: DatabaseContext, path: string, limits: DayLimits): boolean {
  return asking(context, path, (database) => {
    const [policies] = database.all(`SELECT count(*) AS n, total(${bytesOf(POLICY_TEXTS)}) AS bytes FROM policies`);
    const [failures] = database.all(`SELECT total(${bytesOf(FAILURE_TEXTS)}) AS bytes FROM failures`);
    const bytes = Number(policies?.['bytes']) + Number(failures?.['bytes']);
    return Number(policies?.['n']) > limits.policies || bytes > JSON_GROWTH * limits.dayBytes;
  });
}

function removeRows(context: DatabaseContext, path: string, [table, condition]: Excess): number {
  const [row] = asking(context, path, (database) =>
    database.all(`SELECT count(*) AS n FROM ${table} WHERE ${condition}`),
  );
  const rows = Number(row?.['n']);
  if (rows > 0)
    changeInPlace(context, path, (database) => {
      database.execute(`DELETE FROM ${table} WHERE ${condition}`);
    });
  return rows;
}

function asking<T>({ sqlite, disk }: DatabaseContext, path: string, ask: (database: SqliteDatabase) => T): T {
  const database = new SqliteDatabase(sqlite, LayeredBytes.of(disk, path));
  try {
    return ask(database);
  } finally {
    database.close();
  }
}

/** Known to SQLite without reading what is there. */
function bytesOf(columns: readonly string[]): string {
  return columns.map((column) => `ifnull(octet_length(${column}), 0)`).join(' + ');
}

/** Rows by the place that they have in their group, or the bytes that it has up to them. */
function beyond(table: keyof typeof BYTES_OF_ROW, group: string, condition: string): string {
  return `id IN (SELECT id FROM (SELECT id, row_number() OVER rows AS place, sum(${BYTES_OF_ROW[table]}) OVER rows AS bytes FROM ${table}
    WINDOW rows AS (PARTITION BY ${group} ORDER BY id)) WHERE ${condition})`;
}
