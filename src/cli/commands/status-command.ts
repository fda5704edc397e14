/**
 * `tlsrpt status`: what was collected, built, delivered and refused, and what waits.
 */
import { dayAgesUnknown } from '#events/retention-events.ts';
import { judgeHealth } from '#pipeline/status/judge-health.ts';
import { collectorProblems, inboundProblems, readHealth, sendProblems } from '#pipeline/status/read-health.ts';
import { readStatus } from '#pipeline/status/read-status.ts';
import { countDeliveries, summarizeStatus } from '#pipeline/status/summarize-status.ts';
import type { Store } from '#store/store.ts';
import type { Problem } from '#support/problem.ts';
import { settings as settingRows } from '#config/settings.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { deliveryJson } from '#cli/output/delivery-text.ts';
import { destinationsJson, destinationsText } from '#cli/output/destinations-text.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { requestedDay, requestedDomains, dayFlag, domainFlag, jsonFlag } from '#cli/arguments/flags.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { parseSource } from '#cli/arguments/source-address.ts';
import { healthJson, healthText } from '#cli/output/health-text.ts';
import { statusText } from '#cli/output/status-text.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { engineSettings } from '#cli/wiring/engine-settings.ts';
import { showLiveStatus } from '#cli/wiring/live-status.ts';
import type { SeenStatus } from '#cli/wiring/live-status.ts';
import { sharedStatus } from '#cli/wiring/shared-status.ts';
import { openExistingStore } from '#cli/wiring/state.ts';
import { writeStateMetrics } from '#cli/wiring/state-metrics.ts';
import { tellLeftOut } from '#cli/wiring/tell-left-out.ts';

const sharingFlags = (['clusterIndexPrefix', ...engineSettings] as const).map((name) => settingRows[name].flag);

export const statusCommand: Command = {
  name: 'status',
  summary: 'Show what was collected, built and delivered, and what waits',
  examples: [
    ['status', 'show the state of every part, and each day'],
    ['status --health', 'find out whether all goes on as it should, for monitoring'],
    [
      'status --prometheus /var/lib/prometheus/node-exporter/tlsrpt.prom',
      'show the metrics to Prometheus, by node_exporter',
    ],
    ['status --live', 'look on as sessions come in, until Ctrl-C'],
    ['status --shared', 'show how far all reporters of a cluster have come'],
    ['status --day yesterday --domain example.com', 'show what became of the reports about one domain'],
  ],
  flags: [
    { ...dayFlag, help: `Only this day. ${dayFlag.help}` },
    { ...domainFlag, help: 'Only the reports and deliveries of this policy domain. May be repeated.' },
    { name: 'destinations', help: 'Show instead what each reporting address answered last.' },
    {
      name: 'all',
      help: 'List every delivery with its report-id, and not only what waits and what failed. So does --domain.',
    },
    {
      name: 'health',
      help: 'Only say whether a collector runs and the last report and send ended as they should: with exit code 0 or why not.',
    },
    {
      name: 'prometheus',
      argument: 'FILE',
      help: 'Write what the metrics of Prometheus need into this file, in one step: a *.prom in the textfile directory of node_exporter. "-" prints it.',
    },
    {
      name: 'live',
      help: 'Show it again every few seconds in a terminal, until Ctrl-C: the last days, and how many datagrams come in a second.',
    },
    {
      name: 'shared',
      help: 'Show instead what all reporters have done that share their work (report --shared): who has what, what is delivered, what waits.',
    },
    jsonFlag,
  ],
  settings: ['clusterIndexPrefix', ...engineSettings],
  pairings: [
    { flags: sharingFlags, onlyWith: 'shared' },
    { flags: ['domain', 'all', 'destinations', 'health', 'prometheus'], notWith: 'shared' },
    { flags: ['day', 'domain', 'all', 'destinations', 'health', 'json'], notWith: 'prometheus' },
    { flags: ['day', 'domain', 'all'], notWith: 'destinations' },
    { flags: ['day', 'domain', 'all', 'destinations'], notWith: 'health' },
    { flags: ['shared', 'prometheus', 'destinations', 'health', 'json'], notWith: 'live' },
  ],
  run: async (invocation) => {
    const { given, print, clock, log } = invocation;
    if (given.has('shared')) {
      print(await sharedStatus(invocation));
      return exitCode.done;
    }
    const metricsFile = given.text('prometheus');
    if (metricsFile !== undefined) {
      await writeStateMetrics(metricsFile, invocation);
      return exitCode.done;
    }
    const day = requestedDay(invocation);
    const store = await openExistingStore(invocation);
    if (given.has('health')) return showHealth(store, invocation);
    if (given.has('destinations')) {
      print(destinationsOf(store, invocation));
      return exitCode.done;
    }
    if (given.has('live')) return showLiveStatus(() => lookAt(store, day, invocation), invocation);
    tellLeftOut(store, log);
    for (const { message } of store.ageTroubles()) log(dayAgesUnknown(message));
    const seen = lookAt(store, day, invocation);
    print(given.has('json') ? jsonOf(seen, clock.nowMs()) : textOf(seen, invocation));
    const trouble = new Trouble(log);
    for (const problem of problemsOf(seen, store, utcDayOf(clock.nowMs()))) trouble.note(problem);
    return trouble.exitCode ?? exitCode.done;
  },
};

function lookAt(store: Store, day: UtcDay | undefined, invocation: Invocation): SeenStatus {
  const nowMs = invocation.clock.nowMs();
  const sources = invocation.settings.sources.map((source) => parseSource(source).name);
  const domains = requestedDomains(invocation);
  return { health: readHealth(store, nowMs), days: readStatus({ store, day, domains, sources, nowMs }) };
}

function textOf({ health, days }: SeenStatus, invocation: Invocation): string {
  const all = invocation.given.has('all') || requestedDomains(invocation).length > 0;
  return `${healthText(health)}\n${statusText({ days, all, paint: invocation.paint })}`;
}

function problemsOf({ health, days }: SeenStatus, store: Store, today: UtcDay): Problem[] {
  return [
    ...collectorProblems(health),
    ...days.flatMap(({ problems }) => problems),
    ...sendProblems(store, today),
    ...inboundProblems(store, today),
  ];
}

/** For people it is a word, or errors in the log. */
function showHealth(store: Store, { clock, given, print, log }: Invocation): ExitCode {
  const nowMs = clock.nowMs();
  const health = readHealth(store, nowMs);
  const problems = judgeHealth(health, nowMs);
  const trouble = new Trouble(log);
  for (const problem of problems) trouble.note(problem);
  if (given.has('json'))
    print(jsonText({ healthy: problems.length === 0, problems: problems.map(problemJson), ...healthJson(health) }));
  else if (problems.length === 0) print('healthy\n');
  return trouble.exitCode ?? exitCode.done;
}

function problemJson({ code, message }: Problem): object {
  return { code, message };
}

function destinationsOf(store: Store, { clock, given, paint }: Invocation): string {
  const nowMs = clock.nowMs();
  const content = store.destinations.read();
  if (given.has('json')) return jsonText({ destinations: destinationsJson(content, nowMs) });
  return content.results.length === 0 ? 'No report has been sent yet.\n' : destinationsText(content, nowMs, paint);
}

function jsonOf({ health, days }: SeenStatus, nowMs: number): string {
  const shown = days.map(({ missing, problems, ...day }) => ({
    ...day,
    ...(missing.length > 0 ? { missing } : {}),
    ...(problems.length > 0 ? { problems: problems.map(problemJson) } : {}),
    counts: countDeliveries(day.deliveries),
    deliveries: day.deliveries.map(deliveryJson),
  }));
  return jsonText({ ...healthJson(health), summary: summarizeStatus(health, days, nowMs), days: shown });
}
