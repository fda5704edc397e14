/**
 * Metrics of whether all goes on as it should, by what `status --health` says.
 */
import type { NotedCommand, NotedRun } from '#store/runs.ts';
import type { Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';
import { VERSION } from '#support/version.ts';
import { each, gauge, only, timestamp } from './metric.ts';
import type { Metric, Sample } from './metric.ts';

const storeProblems = [
  'disk-full',
  'store-damaged',
  'store-locked',
  'store-misnamed',
  'store-not-readable',
  'store-not-writable',
  'store-replaced',
  'store-wrong-schema',
] as const satisfies readonly ProblemCode[];
const healthProblems = [
  'collector-not-running',
  'last-run-failed',
  'last-run-overdue',
  ...storeProblems,
] as const satisfies readonly ProblemCode[];
const scrapeProblems = [...storeProblems, 'other'] as const;
const commands = ['report', 'send'] as const satisfies readonly NotedCommand[];

export const healthMetrics: readonly Metric[] = [
  gauge({
    name: 'build_info',
    help: 'Always 1; the version is in the label.',
    labels: { version: [VERSION] },
    samples: () => [{ labels: { version: VERSION }, value: 1 }],
  }),
  gauge({
    name: 'reading_timestamp_seconds',
    help: 'When the state directory was read for what is shown here.',
    samples: ({ nowMs }) => timestamp(nowMs),
  }),
  gauge({
    name: 'unreadable',
    help: 'What of the state directory cannot be read and is left out, by problem code.',
    labels: { problem: scrapeProblems },
    samples: ({ problems }) => each('problem', scrapeProblems, (problem) => countOf(problems, problem)),
  }),
  gauge({
    name: 'healthy',
    help: '1 when tlsrpt status --health finds nothing wrong, else 0.',
    samples: ({ healthProblems: { length } }) => only(Number(length === 0)),
  }),
  gauge({
    name: 'health_problem',
    help: '1 for each problem code that tlsrpt status --health names.',
    labels: { problem: healthProblems },
    samples: (figures) =>
      each('problem', healthProblems, (problem) => Number(figures.healthProblems.some(({ code }) => code === problem))),
  }),
  gauge({
    name: 'collector_running',
    help: '1 while a collector runs, else 0; absent where the system does not let us look.',
    samples: ({ health: { collector } }) =>
      collector.kind === 'unknown' ? [] : only(Number(collector.kind === 'running')),
  }),
  gauge({
    name: 'collector_trouble_start_timestamp_seconds',
    help: 'Since when the collector cannot write what comes (write), or add it up (tally); absent when it can.',
    labels: { trouble: ['write', 'tally'] },
    samples: ({ health: { collector } }) =>
      collector.kind === 'running'
        ? [
            ...labelled({ trouble: 'write' }, timestamp(collector.trouble?.sinceMs)),
            ...labelled({ trouble: 'tally' }, timestamp(collector.tallyTrouble?.sinceMs)),
          ]
        : [],
  }),
  gauge({
    name: 'last_datagram_timestamp_seconds',
    help: 'When something last came, to the minute; absent when that is not known.',
    samples: ({ health }) => timestamp(health.lastDatagramMs),
  }),
  gauge({
    name: 'last_run_timestamp_seconds',
    help: 'When the last run of the command ended; absent before the first.',
    labels: { command: commands },
    samples: ({ health }) => ofRuns(health.runs, ({ ended }) => Date.parse(ended) / 1_000),
  }),
  gauge({
    name: 'last_run_exit_code',
    help: 'With which exit code it ended: 0 and 75 are as they should be.',
    labels: { command: commands },
    samples: ({ health }) => ofRuns(health.runs, ({ exitCode }) => exitCode),
  }),
];

function countOf(problems: readonly Problem[], wanted: (typeof scrapeProblems)[number]): number {
  return problems.filter(({ code }) => (storeProblems.find((known) => known === code) ?? 'other') === wanted).length;
}

function ofRuns(
  runs: Readonly<Partial<Record<NotedCommand, NotedRun | undefined>>>,
  valueOf: (run: NotedRun) => number,
): Sample[] {
  return commands.flatMap((command) => {
    const run = runs[command];
    return run ? [{ labels: { command }, value: valueOf(run) }] : [];
  });
}

function labelled(labels: Readonly<Record<string, string>>, samples: readonly Sample[]): Sample[] {
  return samples.map(({ value }) => ({ labels, value }));
}
