/**
 * Metrics of reports on their way to others, over all days that are kept, and of what others reported about us.
 */
import { INBOUND_FIGURE_DAYS } from '#pipeline/status/read-inbound-figures.ts';
import type { InboundFigures } from '#pipeline/status/read-inbound-figures.ts';
import { deliveryStates } from '#tlsrpt/delivery.ts';
import { destinationKinds } from '#tlsrpt/destination.ts';
import { each, gauge, only, timestamp } from './metric.ts';
import type { Metric, Sample } from './metric.ts';
import { outcomes, summedResultTypes } from './session-metrics.ts';

const reporters = ['verified', 'unverified'] as const satisfies readonly (keyof InboundFigures)[];
const PERIOD = `about today and the ${String(INBOUND_FIGURE_DAYS)} days before (UTC)`;

export const deliveryMetrics: readonly Metric[] = [
  gauge({
    name: 'reports',
    help: 'Reports that are kept in the outbox.',
    samples: ({ outboxes }) => only(outboxes.reports),
  }),
  gauge({
    name: 'deliveries',
    help: 'Deliveries of these reports, by kind of destination and state.',
    labels: { kind: destinationKinds, state: deliveryStates },
    samples: ({ outboxes: { deliveries } }) =>
      destinationKinds.flatMap((kind) =>
        deliveryStates.map((state) => ({
          labels: { kind, state },
          value: deliveries.find((sum) => sum.kind === kind && sum.state === state)?.count ?? 0,
        })),
      ),
  }),
  gauge({
    name: 'oldest_overdue_delivery_timestamp_seconds',
    help: 'When the delivery was due that has been due longest; absent when none is overdue.',
    samples: ({ outboxes }) => timestamp(outboxes.firstDueMs),
  }),
  gauge({
    name: 'oldest_deferred_delivery_timestamp_seconds',
    help: 'Since when the receiver is tried that has not taken its report for longest; absent when there is none.',
    samples: ({ outboxes }) => timestamp(outboxes.firstTriedMs),
  }),
  gauge({
    name: 'last_delivery_timestamp_seconds',
    help: 'When a report was delivered last; absent when none of those that are kept was.',
    samples: ({ outboxes }) => timestamp(outboxes.lastDeliveredMs),
  }),
  gauge({
    name: 'withheld_domains',
    help: 'Domains on which there is no report yet, or on purpose, each counted for each day.',
    samples: ({ outboxes }) => only(outboxes.withheld),
  }),
  gauge({
    name: 'missing_sources',
    help: 'Sources whose part of a day that is over is not here, each counted for each day.',
    samples: ({ missingSources }) => only(missingSources),
  }),
  gauge({
    name: 'inbound_reports',
    help: `Reports of others ${PERIOD}, by whether it is shown who sent them.`,
    labels: { reporter: reporters },
    samples: ({ inbound }) => each('reporter', reporters, (reporter) => inbound[reporter].reports),
  }),
  gauge({
    name: 'inbound_sessions',
    help: `Sessions in these reports, by outcome.`,
    labels: { reporter: reporters, outcome: outcomes },
    samples: ({ inbound }) =>
      reporters.flatMap((reporter) =>
        each('outcome', outcomes, (outcome) => inbound[reporter][outcome]).map(of(reporter)),
      ),
  }),
  gauge({
    name: 'inbound_failures',
    help: 'Failed sessions in these reports, by result type.',
    labels: { reporter: reporters, result_type: summedResultTypes },
    samples: ({ inbound }) =>
      reporters.flatMap((reporter) =>
        each('result_type', summedResultTypes, (type) => inbound[reporter].failures.get(type) ?? 0).map(of(reporter)),
      ),
  }),
];

function of(reporter: string): (sample: Sample) => Sample {
  return ({ labels, value }) => ({ labels: { reporter, ...labels }, value });
}
