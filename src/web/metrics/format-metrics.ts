/**
 * Figures in the text format of Prometheus (version 0.0.4), by its client library.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Figures } from '#pipeline/status/read-figures.ts';
import { METRIC_PREFIX } from './metric.ts';
import type { Metric } from './metric.ts';
import { metrics } from './metric-list.ts';

/** A metric of which nothing is known is left out, its help as well. */
export function formatMetrics(figures: Figures): Promise<string> {
  const registry = new Registry();
  for (const metric of metrics) addMetric(registry, metric, figures);
  return registry.metrics();
}

function addMetric(registry: Registry, { name, type, help, labels = {}, samples }: Metric, figures: Figures): void {
  const found = samples(figures);
  if (found.length === 0) return;
  const row = { name: `${METRIC_PREFIX}${name}`, help, labelNames: Object.keys(labels), registers: [registry] };
  if (type === 'counter') {
    const counted = new Counter(row);
    for (const sample of found) counted.inc(sample.labels ?? {}, sample.value);
  } else {
    const measured = new Gauge(row);
    for (const sample of found) measured.set(sample.labels ?? {}, sample.value);
  }
}
