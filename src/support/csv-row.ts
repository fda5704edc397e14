/**
 * A row of CSV (RFC 4180) out of what strangers wrote.
 */
import { withoutControls } from './without-controls.ts';

export type Cell = string | number | null | undefined;

/** A spreadsheet takes what begins so for a formula, which may call programs. */
const FORMULA = /^[=+\-@]/;
/** Some begin a new cell at a semicolon, which would begin with what follows. */
const SEPARATOR = /[",;]/;

export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  const text = withoutControls(String(cell ?? ''));
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return SEPARATOR.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
