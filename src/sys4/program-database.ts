/**
 * A database of one of sys4's programs, read only: each says in `dbversion` of which program and version it is.
 *
 * What is none of that program is not opened, with the reason.
 */
import type { ForeignDatabase, ForeignOpening, ForeignSchema } from '#store/foreign-database.ts';
import type { Store } from '#store/store.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface ProgramSchema extends Pick<ForeignSchema, 'tables'> {
  readonly program: 'tlsrpt-collectd' | 'tlsrpt-reportd';
  readonly purpose: string;
}

const VERSION = 1;
const DB_VERSION = { columns: ['version', 'installdate', 'purpose'] };

export function openProgramDatabase(
  { fetched }: Store,
  path: string,
  { program, purpose, tables }: ProgramSchema,
): ForeignOpening {
  const schema = {
    tables: { ...tables, dbversion: DB_VERSION },
    fault: (database: ForeignDatabase) => versionFault(database, purpose),
  };
  const opening = fetched.openForeign(path, schema);
  return opening.kind === 'opened'
    ? opening
    : { kind: 'damaged', why: `it is no database of ${program}: ${opening.why}` };
}

/** When it was made, to the millisecond, as its program writes it: it tells a database from another one, and stays where the file is renamed. */
export function madeAt(database: ForeignDatabase): string {
  const rows = [...database.rows({ from: 'dbversion', ...DB_VERSION, orderBy: ['version'] })];
  return textIn(rows.find(({ version }) => version === VERSION)?.['installdate']);
}

/** The different days in a column, the oldest first. */
export function daysIn(database: ForeignDatabase, from: string, column: string): UtcDay[] {
  return [...database.rows({ from, columns: [column], orderBy: [column], distinct: true })]
    .map((row) => parseUtcDay(textIn(row[column])))
    .filter((day) => day !== undefined);
}

/** Empty where there is something else. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function versionFault(database: ForeignDatabase, expected: string): string | undefined {
  const rows = database.rows({ from: 'dbversion', ...DB_VERSION, orderBy: ['version'] });
  return [...rows].some(({ version, purpose }) => version === VERSION && purpose === expected)
    ? undefined
    : `it has not version ${String(VERSION)} and purpose ${expected}`;
}
