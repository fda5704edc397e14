/**
 * What a tally hands to the day's file: what is new since the last time, and how it becomes statements.
 */
import { datagramLimits } from '#tlsrpt/datagram.ts';
import { isTypeName } from '#tlsrpt/type-name.ts';
import type { Change, ChangeValue } from '../durable/changes.ts';
import type { StoredFailure, StoredPolicy } from '../sessions/stored-sessions.ts';
import { isNumbered } from './number-column.ts';
import { countOf } from './remembered-datagrams.ts';
import type { CountedAs, CountedEntry } from './remembered-datagrams.ts';

/** What a datagram's number stands for, so that later frames can be read without earlier ones. */
export type StoredDatagram =
  | { readonly kind: 'counted'; readonly number: number; readonly entries: readonly CountedEntry[] }
  | { readonly kind: 'rejected'; readonly number: number; readonly reason: string };

/** What is stored for the first time, without its counts. */
export interface NewEntries {
  readonly policies: readonly StoredPolicy[];
  readonly failures: readonly StoredFailure[];
  readonly datagrams: readonly StoredDatagram[];
  /** What was stored of datagrams before does not hold any more. */
  readonly datagramsBeganAnew: boolean;
}

/** Counts are added to what is stored. */
export interface SessionChanges extends NewEntries {
  /** Id, successful and failed sessions of one policy after the other. */
  readonly policyCounts: readonly number[];
  /** Id and sessions of one failure after the other. */
  readonly failureCounts: readonly number[];
  readonly counters: ReadonlyMap<string, number>;
}

const ROWS_IN_ONE_CHANGE = 200;
/** That one datagram can have: each policy and each failure is an object. */
const MOST_ENTRIES = datagramLimits.brackets;

/** Each is made when it is asked for, so that not all rows of a large day are in memory together. */
export function* changesOf(changes: SessionChanges): Generator<Change> {
  const { policyCounts, failureCounts, counters } = changes;
  yield* entryChanges(changes);
  yield* countChanges('count-sessions', ['id', 'successful', 'failed'], policyCounts);
  yield* countChanges('count-failures', ['id', 'sessions'], failureCounts);
  yield* rowChanges('count', ['name', 'value'], counters, ([name, value]) => [name, value]);
}

export function* entryChanges({ policies, failures, datagrams, datagramsBeganAnew }: NewEntries): Generator<Change> {
  yield* rowChanges('add-policy', POLICY_COLUMNS, policies, policyRow);
  yield* rowChanges('add-failure', FAILURE_COLUMNS, failures, failureRow);
  if (datagramsBeganAnew) yield FORGET_DATAGRAMS;
  yield* rowChanges('remember-datagram', ['number', 'meaning'], datagrams, datagramRow);
}

const FORGET_DATAGRAMS: Change = ['forget-datagrams', {}];

/** Many rows are one change, and not all of them: one string for everything could be longer than JavaScript takes. */
function* rowChanges<Entry>(
  statement: string,
  columns: readonly string[],
  entries: Iterable<Entry>,
  rowOf: (entry: Entry) => ChangeValue[],
): Generator<Change> {
  let values: ChangeValue[] = [];
  for (const entry of entries) {
    values.push(...rowOf(entry));
    if (values.length < ROWS_IN_ONE_CHANGE * columns.length) continue;
    yield [statement, columns, values];
    values = [];
  }
  if (values.length > 0) yield [statement, columns, values];
}

/** `counts` are those of one row behind the other. */
function* countChanges(statement: string, columns: readonly string[], counts: readonly number[]): Generator<Change> {
  const step = ROWS_IN_ONE_CHANGE * columns.length;
  for (let start = 0; start < counts.length; start += step)
    yield [statement, columns, counts.slice(start, start + step)];
}

const POLICY_COLUMNS = ['id', 'domain', 'record', 'type', 'policyDomain', 'strings', 'mxHosts'];

function policyRow({ id, domain, record, policy }: StoredPolicy): ChangeValue[] {
  const { type, domain: policyDomain, strings, mxHosts } = policy;
  return [id, domain, record ?? null, type, policyDomain, JSON.stringify(strings), JSON.stringify(mxHosts)];
}

const FAILURE_COLUMNS = [
  'id',
  'policyId',
  'resultType',
  'sendingMtaIp',
  'mxHostname',
  'mxHelo',
  'receivingIp',
  'information',
  'reason',
];

function failureRow({ id, policyId, details }: StoredFailure): ChangeValue[] {
  const { resultType, sendingMtaIp, receivingMxHostname, receivingMxHelo, receivingIp } = details;
  const optional = [sendingMtaIp, receivingMxHostname, receivingMxHelo, receivingIp];
  const texts = [...optional, details.additionalInformation, details.failureReasonCode];
  return [id, policyId, resultType, ...texts.map((text) => text ?? null)];
}

/** The reason as text, or a list of three numbers for each entry. */
function datagramRow(datagram: StoredDatagram): ChangeValue[] {
  const meaning =
    datagram.kind === 'rejected' ? datagram.reason : datagram.entries.map(({ id, as, times }) => [id, as, times]);
  return [datagram.number, JSON.stringify(meaning)];
}

/** Undefined for what nobody wrote as one. */
export function parseStoredDatagram(number: number, meaning: string): StoredDatagram | undefined {
  const parsed = parsedOrUndefined(meaning);
  if (!isNumbered(number)) return undefined;
  if (isTypeName(parsed)) return { kind: 'rejected', number, reason: parsed };
  if (!Array.isArray(parsed)) return undefined;
  const entries = (areNumbers(parsed) ? entriesOfPairs(parsed) : parsed).map(entryOf);
  const isWhole = entries.length <= MOST_ENTRIES && entries.every((entry) => entry !== undefined);
  return isWhole ? { kind: 'counted', number, entries } : undefined;
}

function parsedOrUndefined(meaning: string): unknown {
  try {
    return JSON.parse(meaning);
  } catch {
    return undefined;
  }
}

function entryOf(stored: unknown): CountedEntry | undefined {
  if (!Array.isArray(stored) || !areNumbers(stored)) return undefined;
  const [id, as, times = 0] = stored;
  const isOne = isNumbered(id) && isCountedAs(as) && times > 0 && times <= MOST_ENTRIES;
  return isOne ? { id, as, times } : undefined;
}

function isCountedAs(value: number | undefined): value is CountedAs {
  return Object.values<number | undefined>(countOf).includes(value);
}

/** As 0.2 stored them: one number behind the other, each entry as often as it counts. */
function entriesOfPairs(numbers: readonly number[]): number[][] {
  return numbers.flatMap((id, index) => (index % 2 === 0 ? [[id, numbers[index + 1] ?? 0, 1]] : []));
}

function areNumbers(values: readonly unknown[]): values is number[] {
  return values.every((value) => Number.isSafeInteger(value));
}
