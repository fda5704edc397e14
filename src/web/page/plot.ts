/**
 * What happened on each of many days, as bars of SVG in which several things stand on each other, with the same in words and as a table.
 *
 * Text stands beside the SVG, not in it, so it has its size on a phone too.
 */
import { sumOf } from '#support/sum-of.ts';
import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { count, table } from './elements.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

export interface Series {
  readonly name: string;
  /** One for each day. */
  readonly numbers: readonly number[];
}

export interface PlotOptions {
  readonly title: string;
  /** Oldest first, at least one. */
  readonly days: readonly UtcDay[];
  /** At most MOST_SERIES, the first one lowest. */
  readonly series: readonly Series[];
}

export const MOST_SERIES = 6;
const [WIDTH, HEIGHT] = [1_000, 100];

export function plot({ title, days, series }: PlotOptions): Html {
  const totals = days.map((_, at) => sumOf(series.map(({ numbers }) => numbers[at] ?? 0)));
  const y = scaleLinear([0, Math.max(1, ...totals)], [HEIGHT, 0]).nice(2);
  const x = scaleBand(days, [0, WIDTH]).paddingInner(0.15);
  const ticks = y.ticks(2).filter(Number.isInteger);
  const layers = stack<number, number>()
    .keys(series.keys())
    .value((at, index) => series[index]?.numbers[at] ?? 0)([...days.keys()]);
  const bars = days.map((day, at) => {
    const parts = layers.map((layer, index) => {
      const [from = 0, to = 0] = layer[at] ?? [];
      if (to <= from) return undefined;
      const [top, height] = [y(to), y(from) - y(to)];
      return html`<rect
        class="s${index}"
        x="${round(x(day) ?? 0)}"
        width="${round(x.bandwidth())}"
        y="${round(top)}"
        height="${round(height)}"
      />`;
    });
    const said = series.map(({ name, numbers }) => `${name} ${count(numbers[at] ?? 0)}`).join(', ');
    return html`<g><title>${day}: ${said}</title>${parts}</g>`;
  });
  const grid = ticks.map(
    (tick) => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${round(y(tick))}" y2="${round(y(tick))}" />`,
  );
  return html`<figure>
    <figcaption>${title}</figcaption>
    <div class="plot">
      <div class="scale" aria-hidden="true">
        ${[y.domain()[1] ?? 0, 0].map((tick) => html`<span>${count(tick)}</span>`)}
      </div>
      <svg
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-label="${summary(title, days, totals)}"
      >
        ${grid}${bars}
      </svg>
      <div class="ends" aria-hidden="true"><span>${days[0]}</span><span>${days.length > 1 && days.at(-1)}</span></div>
    </div>
    ${series.length > 1 && legend(series)}
    <details>
      <summary>${title}: the numbers</summary>
      ${numbersTable(title, days, series)}
    </details>
  </figure>`;
}

/** What one sees at the first look. */
function summary(title: string, days: readonly UtcDay[], totals: readonly number[]): string {
  const most = totals.reduce((at, total, index) => (total > (totals[at] ?? 0) ? index : at), 0);
  const [first = '', last = ''] = [days[0], days.at(-1)];
  return `${title}, ${first} to ${last}: ${count(sumOf(totals))} in all, at most ${count(totals[most] ?? 0)} on ${days[most] ?? ''}.`;
}

function legend(series: readonly Series[]): Html {
  return html`<ul class="legend">
    ${series.map(
      ({ name }, index) =>
        html`<li>
          <svg viewBox="0 0 10 10" aria-hidden="true"><rect class="s${index}" width="10" height="10" /></svg>${name}
        </li>`,
    )}
  </ul>`;
}

function numbersTable(title: string, days: readonly UtcDay[], series: readonly Series[]): Html {
  return table({
    caption: title,
    columns: [{ name: 'Day (UTC)' }, ...series.map(({ name }) => ({ name, isNumber: true }))],
    rows: days.map((day, at) => [day, ...series.map(({ numbers }) => count(numbers[at] ?? 0))]),
    empty: 'Nothing yet.',
  });
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
