/**
 * docs/metrics.md: every metric, from what is exported.
 */
import { METRIC_PREFIX } from '#web/metrics/metric.ts';
import type { Metric } from '#web/metrics/metric.ts';
import { metrics } from '#web/metrics/metric-list.ts';
import { serverMetrics } from '#web/metrics/server-metrics.ts';

type Row = Pick<Metric, 'name' | 'type' | 'help' | 'labels'>;

/** More values than that are told once, below the table. */
const MOST_VALUES = 5;

export function metricTable(): string {
  const rows: readonly Row[] = [...metrics, ...serverMetrics];
  return [
    '# Metrics',
    '',
    'What [`tlsrpt serve`](operating.md#over-http) answers at `/metrics`, and `tlsrpt status --prometheus` writes for node_exporter: the numbers are those of',
    '`tlsrpt status --json`. `tlsrpt_scrape_problem` and `tlsrpt_posted_reports_total` are of `serve` alone.',
    '',
    'Counters are those of today (UTC), on this host and those whose day is here, and begin anew at midnight: `rate()` and `increase()` take that for a restart,',
    'so they are right but for what came since the last scrape before midnight. What was counted of a day as a whole is in the metrics of yesterday.',
    'A session counts for each of its policies. No label has what a stranger wrote: what is not known is `other`.',
    '',
    'This page is generated from what is exported; `npm run docs` writes it.',
    '',
    '| metric | type | labels | what it says |',
    '|---|---|---|---|',
    ...rows.map(rowOf),
    '',
    ...longLists(rows).flatMap((line) => [line, '']),
  ].join('\n');
}

/** Labels with many values, once for all metrics that have the same. */
function longLists(rows: readonly Row[]): string[] {
  const lists = new Map<string, string[]>();
  for (const { name, labels = {} } of rows)
    for (const [label, values] of Object.entries(labels)) {
      if (values.length <= MOST_VALUES) continue;
      const text = `\`${label}\` is one of ${values.map(quoted).join(', ')}`;
      lists.set(text, [...(lists.get(text) ?? []), quoted(`${METRIC_PREFIX}${name}`)]);
    }
  return [...lists].map(([text, names]) => `Of ${names.join(', ')}: ${text}.`);
}

function rowOf({ name, type, help, labels = {} }: Row): string {
  const shown = Object.entries(labels).map(([label, values]) => {
    if (label === 'version') return quoted(label);
    return values.length > MOST_VALUES ? quoted(label) : `${quoted(label)}: ${values.map(quoted).join(', ')}`;
  });
  return `| \`${METRIC_PREFIX}${name}\` | ${type} | ${shown.join('; ')} | ${help} |`;
}

function quoted(text: string): string {
  return `\`${text}\``;
}
