/**
 * What pages are made of: tables that a phone shows as lists, facts, numbers and times.
 */
import { html } from './html.ts';
import type { Html, HtmlValue } from './html.ts';

export interface Column {
  readonly name: string;
  readonly isNumber?: boolean;
}

export interface TableOptions {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of each names the row. */
  readonly rows: readonly (readonly HtmlValue[])[];
  /** What is said where there are no rows. */
  readonly empty: string;
}

export function table({ caption, columns, rows, empty }: TableOptions): Html {
  if (rows.length === 0) return html`<p class="soft">${empty}</p>`;
  const classOf = ({ isNumber }: Column): string => (isNumber === true ? 'n' : 't');
  const head = columns.map((column) => html`<th scope="col" class="${classOf(column)}">${column.name}</th>`);
  // Elements that a phone shows as blocks need their roles, or they are no table any more.
  const body = rows.map(([first, ...cells]) => {
    const shown = cells.map((cell, at) => {
      const column = columns[at + 1] ?? { name: '' };
      return html`<td role="cell" class="${classOf(column)}" data-name="${column.name}">${cell}</td>`;
    });
    return html`<tr role="row">
      <th scope="row" role="rowheader">${first}</th>
      ${shown}
    </tr>`;
  });
  return html`<table class="rows" role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${head.map((cell) => cell)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${body}
    </tbody>
  </table>`;
}

export function facts(named: readonly (readonly [name: string, value: HtmlValue])[]): Html {
  return html`<dl class="facts">
    ${named.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** With a comma for each thousand. */
export function count(number: number): string {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Of a number of things: in percent. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '-';
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(1)} %`;
}

export function time(timeMs: number | undefined): HtmlValue {
  if (timeMs === undefined) return '-';
  const iso = new Date(timeMs).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`;
}

/** How long ago, in the largest unit of which there is one. */
export function ago(timeMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - timeMs) / 1_000));
  for (const [unit, length] of UNITS)
    if (seconds >= length) return plural(Math.floor(seconds / length), unit).concat(' ago');
  return 'now';
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

export function plural(number: number, thing: string): string {
  return `${count(number)} ${thing}${number === 1 ? '' : 's'}`;
}

/** A link within these pages. What is undefined is left out of the query. */
export function link(path: string, query: Readonly<Record<string, string | undefined>>, text: HtmlValue): Html {
  return html`<a href="${address(path, query)}">${text}</a>`;
}

export function address(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = new URLSearchParams(given).toString();
  return text === '' ? path : `${path}?${text}`;
}
