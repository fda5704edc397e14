/**
 * Transactions as a journal keeps them: statements by name with their parameters, one line of JSON for each, since all reports of a
 * large day in one string are more than JavaScript takes.
 */
import { isObject } from '#tlsrpt/foreign-field.ts';
import { wrongSchemaProblem } from '../store-problem.ts';
import type { FileKind } from './file-kind.ts';
import type { SqliteDatabase } from './sqlite.ts';

const LINE_FEED = 0x0a;

export type ChangeValue = string | number | null;

/** A change: a statement by name with its parameters, or with those of many rows, one behind the other in the order of their names. */
export type Change =
  | readonly [statement: string, parameters: Readonly<Record<string, ChangeValue>>]
  | readonly [statement: string, names: readonly string[], values: readonly ChangeValue[]];

export function formatChanges(changes: readonly Change[]): Buffer {
  return Buffer.concat(changes.map((change) => Buffer.from(`${JSON.stringify(change)}\n`)));
}

/** The changes of a whole transaction, one after the other. Throws for what nobody wrote as a journal. */
export function* parseChanges(payload: Buffer): Generator<Change> {
  for (let start = 0, end: number; start < payload.length; start = end + 1) {
    end = payload.indexOf(LINE_FEED, start);
    const change: unknown = JSON.parse(payload.toString('utf8', start, end < 0 ? payload.length : end));
    if (end < 0 || !isChange(change)) throw new Error(`there is no change at byte ${String(start)} of a transaction`);
    yield change;
  }
}

function isChange(value: unknown): value is Change {
  if (!Array.isArray(value)) return false;
  const [statement, names, values, ...rest] = value as unknown[];
  if (typeof statement !== 'string' || rest.length > 0) return false;
  if (value.length === 2) return isObject(names) && Object.values(names).every(isChangeValue);
  return (
    Array.isArray(names) && names.length > 0 && areTexts(names) && Array.isArray(values) && values.every(isChangeValue)
  );
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

function isChangeValue(value: unknown): value is ChangeValue {
  return value === null || typeof value === 'string' || typeof value === 'number';
}

/** The same; undefined for what nobody wrote as a journal. */
export function changesOrUndefined(payload: Buffer): Change[] | undefined {
  try {
    return [...parseChanges(payload)];
  } catch {
    return undefined;
  }
}

/** Applies changes outside of a transaction of their own. An unknown statement is a file of another version. */
export function applyChanges(database: SqliteDatabase, kind: FileKind, changes: Iterable<Change>): void {
  for (const change of changes) {
    const [name] = change;
    const sql = Object.hasOwn(kind.statements, name) ? kind.statements[name] : undefined;
    if (sql === undefined)
      throw wrongSchemaProblem(`A journal of ${kind.name}`, `the change "${name}"`, 'none of that name');
    if (change.length === 2) database.run(sql, change[1]);
    else database.runRows(sql, change[1], change[2]);
  }
}
