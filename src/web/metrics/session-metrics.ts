/**
 * Metrics of what was collected: of today, as counters that begin anew at midnight UTC, and of yesterday, which is over.
 */
import type { DayFigures } from '#pipeline/status/read-figures.ts';
import type { RejectionReason } from '#store/tally/session-tally.ts';
import { sumOf } from '#support/sum-of.ts';
import { policyTypes } from '#tlsrpt/policy-type.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';
import { counter, each, gauge, only } from './metric.ts';
import type { Metric, Sample } from './metric.ts';

const rejections: Readonly<Record<RejectionReason, true>> = {
  'too-large': true,
  'not-json': true,
  'not-an-object': true,
  'no-domain': true,
  'bad-domain': true,
  'no-policies': true,
  'too-many-policies': true,
  'too-many-domains': true,
  'lost-in-damage': true,
};
const rejectionKinds = [...Object.keys(rejections), 'other'];
const summedPolicyTypes = [...policyTypes, 'other'] as const;
export const summedResultTypes = [...resultTypes, 'other'] as const;
export const outcomes = ['successful', 'failed'] as const;

const byOutcome = { policy_type: summedPolicyTypes, outcome: outcomes };
const byResult = { policy_type: summedPolicyTypes, result_type: summedResultTypes };

export const sessionMetrics: readonly Metric[] = [
  counter({
    name: 'datagrams_total',
    help: 'Datagrams that were received today (UTC), the rejected ones among them.',
    samples: ({ today }) => only(today.collected.datagrams),
  }),
  counter({
    name: 'datagrams_rejected_total',
    help: 'Datagrams of today (UTC) that could not be read, by kind.',
    labels: { kind: rejectionKinds },
    samples: ({ today }) => rejected(today),
  }),
  counter({
    name: 'datagrams_dropped_total',
    help: 'Datagrams of today (UTC) that were lost since there was no room for them, beside those that were received.',
    samples: ({ today }) => only(today.collected.dropped),
  }),
  counter({
    name: 'datagrams_recognised_total',
    help: 'Datagrams of today (UTC) that were known by their bytes.',
    samples: ({ today }) => only(today.collected.recognised),
  }),
  counter({
    name: 'sessions_total',
    help: 'Sessions of today (UTC), by policy type and outcome. One under several policies counts for each.',
    labels: byOutcome,
    samples: ({ today }) => sessions(today),
  }),
  counter({
    name: 'failures_total',
    help: 'Failed sessions of today (UTC), by policy type and result type. One that fails in several ways counts for each.',
    labels: byResult,
    samples: ({ today }) => failures(today),
  }),
  counter({
    name: 'details_merged_total',
    help: 'Datagrams of today (UTC) with details that the day has no room for.',
    samples: ({ today }) => only(today.collected.detailsMerged),
  }),
  counter({
    name: 'journaled_bytes_total',
    help: 'Bytes that were written to the journals of today (UTC).',
    samples: ({ today }) => only(today.collected.journaledBytes),
  }),
  counter({
    name: 'checkpoints_total',
    help: 'Checkpoints of today (UTC).',
    samples: ({ today }) => only(today.collected.checkpoints),
  }),
  gauge({
    name: 'longest_checkpoint_pause_seconds',
    help: 'The longest that a checkpoint of today (UTC) kept the tally waiting.',
    samples: ({ today }) => only(today.collected.checkpointPauseMs / 1_000),
  }),
  gauge({
    name: 'ring_peak_bytes',
    help: 'The most that waited today (UTC) between the receiver and the collector.',
    samples: ({ today }) => only(today.collected.ringPeakBytes),
  }),
  gauge({
    name: 'domains',
    help: 'Different domains of the sessions of today (UTC).',
    samples: ({ today }) => only(today.collected.domains),
  }),
  gauge({
    name: 'yesterday_datagrams',
    help: 'Datagrams that were received yesterday (UTC), on all hosts of which the day is here.',
    samples: ({ yesterday }) => only(yesterday.collected.datagrams),
  }),
  gauge({
    name: 'yesterday_datagrams_rejected',
    help: 'Datagrams of yesterday (UTC) that could not be read, by kind.',
    labels: { kind: rejectionKinds },
    samples: ({ yesterday }) => rejected(yesterday),
  }),
  gauge({
    name: 'yesterday_datagrams_dropped',
    help: 'Datagrams of yesterday (UTC) that were lost since there was no room for them.',
    samples: ({ yesterday }) => only(yesterday.collected.dropped),
  }),
  gauge({
    name: 'yesterday_sessions',
    help: 'Sessions of yesterday (UTC), by policy type and outcome.',
    labels: byOutcome,
    samples: ({ yesterday }) => sessions(yesterday),
  }),
  gauge({
    name: 'yesterday_failures',
    help: 'Failed sessions of yesterday (UTC), by policy type and result type.',
    labels: byResult,
    samples: ({ yesterday }) => failures(yesterday),
  }),
  gauge({
    name: 'yesterday_domains',
    help: 'Different domains of the sessions of yesterday (UTC).',
    samples: ({ yesterday }) => only(yesterday.collected.domains),
  }),
];

/** Another version, or another host's file, may have further kinds. */
function rejected({ collected: { rejected: all, rejectedByKind } }: DayFigures): readonly Sample[] {
  const known = Object.keys(rejections);
  const countOf = (kind: string): number => rejectedByKind[kind] ?? 0;
  const others = known.reduce((left, kind) => left - countOf(kind), all);
  return each('kind', rejectionKinds, (kind) => (kind === 'other' ? Math.max(0, others) : countOf(kind)));
}

function sessions({ sums }: DayFigures): Sample[] {
  const policies = sums.flatMap((one) => one.policies);
  return summedPolicyTypes.flatMap((type) =>
    outcomes.map((outcome) => ({
      labels: { policy_type: type, outcome },
      value: sumOf(policies.filter(({ policyType }) => policyType === type).map((sum) => sum[outcome])),
    })),
  );
}

function failures({ sums }: DayFigures): Sample[] {
  const all = sums.flatMap((one) => one.failures);
  return summedPolicyTypes.flatMap((type) =>
    summedResultTypes.map((resultType) => ({
      labels: { policy_type: type, result_type: resultType },
      value: sumOf(
        all.filter((sum) => sum.policyType === type && sum.resultType === resultType).map((sum) => sum.sessions),
      ),
    })),
  );
}
