/**
 * Metrics of the server itself: whether it could read what it shows, and what it answers to who posts reports.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { SharedAnswer } from '../shared-reading.ts';
import { METRIC_PREFIX } from './metric.ts';

const problems = ['failed', 'late'] as const satisfies readonly SharedAnswer['kind'][];

const problemMetric = {
  name: 'scrape_problem',
  type: 'gauge',
  help: 'Of the server: 1 when the state directory could not be read (failed), or the numbers are those of an earlier reading (late).',
  labels: { problem: problems },
} as const;

const postedMetric = {
  name: 'posted_reports_total',
  type: 'counter',
  help: 'Of the server, since it started: what was posted to serve.reports_listen, by the status that was answered: 201 is stored, 200 was stored before.',
  labels: { status: ['200', '201', '400', '404', '405', '413', '415', '429', '503'] },
} as const;

export const serverMetrics = [problemMetric, postedMetric] as const;

/** `posted`: by status; undefined where no reports are taken. */
export function formatServerMetrics(kind: SharedAnswer['kind'], posted?: ReadonlyMap<number, number>): Promise<string> {
  const registry = new Registry();
  const problem = new Gauge({ ...registered(problemMetric), labelNames: ['problem'], registers: [registry] });
  for (const each of problems) problem.set({ problem: each }, Number(each === kind));
  if (!posted) return registry.metrics();
  const counter = new Counter({ ...registered(postedMetric), labelNames: ['status'], registers: [registry] });
  for (const status of postedMetric.labels.status) counter.inc({ status }, posted.get(Number(status)) ?? 0);
  return registry.metrics();
}

function registered({ name, help }: { readonly name: string; readonly help: string }): { name: string; help: string } {
  return { name: `${METRIC_PREFIX}${name}`, help };
}
