/**
 * The days that a page is about: how many, and up to which. Both are in its address, so that a link shows the same days to everybody.
 */
import { daysBefore, parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { link } from './elements.ts';

export interface Period {
  /** Oldest first, at least one. */
  readonly days: readonly UtcDay[];
  readonly first: UtcDay;
  readonly last: UtcDay;
  readonly today: UtcDay;
  /** As it stands in an address. */
  readonly query: Readonly<Record<'days' | 'to', string | undefined>>;
}

const LENGTHS = [7, 30, 90, 400] as const;
const USUAL_LENGTH = 30;
const MOST_DAYS = 400;

/** What is no number of days, or no day that was, is as if it were not there. */
export function readPeriod(query: URLSearchParams, today: UtcDay): Period {
  const [days, to] = [query.get('days') ?? '', parseUtcDay(query.get('to') ?? '')];
  const length = /^[1-9]\d{0,2}$/.test(days) ? Math.min(Number(days), MOST_DAYS) : USUAL_LENGTH;
  const last = to !== undefined && to < today ? to : today;
  const all = Array.from({ length }, (_, at) => daysBefore(last, length - 1 - at));
  return {
    days: all,
    first: all[0] ?? last,
    last,
    today,
    query: { days: length === USUAL_LENGTH ? undefined : String(length), to: last === today ? undefined : last },
  };
}

/** By which another period is chosen. `kept`: what else the address of the page has. */
export function periodForm(
  path: string,
  { days, first, last, today, query }: Period,
  kept: Readonly<Record<string, string>> = {},
): Html {
  const lengths = [...new Set([...LENGTHS, days.length])].sort((a, b) => a - b);
  const [earlier, later] = [daysBefore(first, 1), daysBefore(last, -days.length)];
  return html`<form method="get" action="${path}" aria-label="Period">
    ${Object.entries(kept).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <label for="days">Days</label>
    <select id="days" name="days">
      ${lengths.map((length) =>
        length === days.length
          ? html`<option selected value="${length}">${length}</option>`
          : html`<option value="${length}">${length}</option>`,
      )}
    </select>
    <label for="to">up to</label>
    <input id="to" name="to" type="date" max="${today}" value="${last}" />
    <button>Show</button>
    <span>${link(path, { ...kept, ...query, to: earlier }, 'Earlier')}</span>
    ${last < today && html`<span>${link(path, { ...kept, ...query, to: later < today ? later : undefined }, 'Later')}</span>`}
  </form>`;
}
