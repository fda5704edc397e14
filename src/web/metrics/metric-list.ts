/**
 * All metrics of the state directory, in the order in which they are shown.
 */
import { deliveryMetrics } from './delivery-metrics.ts';
import { healthMetrics } from './health-metrics.ts';
import type { Metric } from './metric.ts';
import { sessionMetrics } from './session-metrics.ts';

export const metrics: readonly Metric[] = [...healthMetrics, ...sessionMetrics, ...deliveryMetrics];
