/**
 * The tables of docs/operating.md, so that a test can see to it that every row is proved and everything proved has a row.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OPERATING = fileURLToPath(new URL('../../docs/operating.md', import.meta.url));

/** The first cells of the table whose first column is headed `heading`. */
export function documentedRows(heading: string): string[] {
  const lines = readFileSync(OPERATING, 'utf8').split('\n');
  const head = lines.findIndex((line) => firstCell(line) === heading);
  const rows = lines.slice(head + 2);
  return rows.slice(0, rows.indexOf('')).map(firstCell);
}

function firstCell(line: string): string {
  return line.split('|')[1]?.trim() ?? '';
}
