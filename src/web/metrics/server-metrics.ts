/**
 * Metrics of the server itself: whether it could read what it shows.
 */
import { Gauge, Registry } from 'prom-client';
import type { SharedAnswer } from '../shared-reading.ts';
import { METRIC_PREFIX } from './metric.ts';

const problems = ['failed', 'late'] as const satisfies readonly SharedAnswer['kind'][];

export const serverMetric = {
  name: 'scrape_problem',
  type: 'gauge',
  help: 'Of the server: 1 when the state directory could not be read (failed), or the numbers are those of an earlier reading (late).',
  labels: { problem: problems },
} as const;

export function formatServerMetrics(kind: SharedAnswer['kind']): Promise<string> {
  const registry = new Registry();
  const { name, help } = serverMetric;
  const metric = new Gauge({
    name: `${METRIC_PREFIX}${name}`,
    help,
    labelNames: ['problem'],
    registers: [registry],
  });
  for (const problem of problems) metric.set({ problem }, Number(problem === kind));
  return registry.metrics();
}
