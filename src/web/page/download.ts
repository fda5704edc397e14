/**
 * What a page shows, to be taken along: as CSV for a spreadsheet (RFC 4180), or as JSON.
 */
import type { Answer } from '#web/route.ts';
import { csvRow } from '#support/csv-row.ts';
import type { Cell } from '#support/csv-row.ts';
import { address } from './elements.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

export interface Download {
  /** Of the file, without its ending: of letters, digits, dots and hyphens. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly json: unknown;
}

/** `path`: of the page, to which the ending is added. */
export function downloadLinks(path: string, query: Readonly<Record<string, string | undefined>>): Html {
  return html`<p>
    Take it along: <a href="${address(`${path}.csv`, query)}">CSV</a>,
    <a href="${address(`${path}.json`, query)}">JSON</a>
  </p>`;
}

export function csvAnswer({ name, columns, rows }: Download): Answer {
  const text = [columns, ...rows].map(csvRow).join('');
  return { status: 200, contentType: 'text/csv; charset=utf-8', text, headers: attachment(`${name}.csv`) };
}

export function jsonAnswer({ name, json }: Download): Answer {
  const text = `${JSON.stringify(json, null, 2)}\n`;
  return { status: 200, contentType: 'application/json; charset=utf-8', text, headers: attachment(`${name}.json`) };
}

function attachment(fileName: string): Record<string, string> {
  return { 'Content-Disposition': `attachment; filename="tlsrpt-${fileName.replace(/[^A-Za-z0-9.-]/g, '_')}"` };
}
