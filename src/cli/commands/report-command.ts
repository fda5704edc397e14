/**
 * `tlsrpt report`: builds the reports about one day, or about all that were not reported yet, and queues them; shows them, writes them, delivers
 * them. With --dry-run it only looks.
 */
import { withReportsSoFar } from '#pipeline/report/build-reports.ts';
import type { BuildOptions } from '#pipeline/report/build-reports.ts';
import { settings as settingRows } from '#config/settings.ts';
import { tellWhetherCollected } from '#pipeline/report/tell-whether-collected.ts';
import { reportDay } from '#pipeline/report/report-day.ts';
import type { BuiltReport } from '#store/outbox/outbox-entries.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { mapSettings } from '#cli/wiring/destination-maps.ts';
import { allDone, orLater } from '#cli/exit-code.ts';
import type { Ending, ExitCode } from '#cli/exit-code.ts';
import { requestedFinishedDay, dayFlag, domainFlag, UNREPORTED } from '#cli/arguments/flags.ts';
import { jsonTexts } from '#cli/output/json-text.ts';
import { plannedReports } from '#cli/output/planned-reports.ts';
import { requestedFiles, outFlags } from '#cli/output/report-files.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { deliveringFlags, eitherSmtpOrSendmail, readyToDeliver, sendSettings } from '#cli/wiring/deliver.ts';
import type { Deliver } from '#cli/wiring/deliver.ts';
import { noted } from '#cli/wiring/noted-run.ts';
import { engineSettings } from '#cli/wiring/engine-settings.ts';
import { buildOptionsOf, requireExpectedHosts } from '#cli/wiring/report-options.ts';
import { reportShared } from '#cli/wiring/report-shared.ts';
import { reportUnreported } from '#cli/wiring/report-unreported.ts';

const sharingFlags = (['clusterIndexPrefix', 'clusterLease', ...engineSettings] as const).map(
  (name) => settingRows[name].flag,
);

export const reportCommand: Command = {
  name: 'report',
  summary: 'Build the reports about one day and queue them, for the next send to deliver or at once with --deliver',
  examples: [
    ['report --day yesterday --deliver', 'build the reports about yesterday and deliver them'],
    ['report --day today --partial --dry-run', 'show what would be reported so far'],
    ['report --day unreported --deliver --shared', 'the same on each of several machines, which share the work'],
    ['report --out /tmp/reports', 'keep a copy of each report as a file'],
  ],
  flags: [
    {
      ...dayFlag,
      help: `The UTC day: yesterday, today or YYYY-MM-DD, or ${UNREPORTED}: each day that is over and has not been reported as a whole. Default: yesterday.`,
    },
    domainFlag,
    ...outFlags,
    {
      name: 'without-missing',
      help: 'Go on without the sources whose day is not here, instead of waiting for them.',
    },
    {
      name: 'json',
      help: 'Print the reports as a JSON array. They are queued all the same, unless --dry-run is given.',
    },
    { name: 'deliver', help: 'Deliver them, as send does.' },
    {
      name: 'shared',
      help: 'Do it together with other reporters, by what all of them keep in one OpenSearch or Elasticsearch.',
    },
    { name: 'dry-run', help: 'Print which reports would go where. Nothing is queued, delivered or removed.' },
    {
      name: 'partial',
      help: 'Take a day that is not over, as far as it has come. The outbox stays as it is unless --deliver is given; what turns up after that is reported in a supplement.',
    },
  ],
  settings: [
    'organization',
    'successOnly',
    'mxHosts',
    'loopGuard',
    'spread',
    'keepDays',
    'waitForMissing',
    ...mapSettings,
    ...sendSettings,
    'clusterIndexPrefix',
    'clusterLease',
    ...engineSettings,
  ],
  pairings: [
    { flags: ['shared'], onlyWith: 'deliver' },
    { flags: sharingFlags, onlyWith: 'shared' },
    { flags: ['domain', 'dry-run', 'json', 'out', 'partial'], notWith: 'shared' },
    { flags: ['format'], onlyWith: 'out' },
    { flags: deliveringFlags, onlyWith: 'deliver' },
    { flags: ['wait-for-missing'], notWith: 'without-missing' },
    eitherSmtpOrSendmail,
  ],
  run: async (invocation) => {
    if (invocation.given.has('shared')) return reportShared(invocation);
    if (invocation.given.text('day') !== UNREPORTED) return reportOneDay(invocation);
    const show = requestedShow(invocation);
    return reportUnreported(invocation, {
      report: (options) => reportAndDeliver(options, { show, deliver: undefined }, invocation),
      look: (options) => look(options, show, invocation),
    });
  },
};

async function reportOneDay(invocation: Invocation): Promise<ExitCode> {
  const { given, settings, clock, log } = invocation;
  const day = requestedFinishedDay(invocation);
  const show = requestedShow(invocation);
  const deliver = given.has('deliver') ? await readyToDeliver(invocation) : undefined;
  const trouble = new Trouble(log);
  const options = { ...(await buildOptionsOf(invocation, trouble)), day };
  const isCollected = tellWhetherCollected(options, settings.sources.length > 0);
  const endingOf = (ending: Ending): Ending =>
    trouble.over(isCollected ? ending : orLater(ending, 'day-not-collected'));
  if (given.has('dry-run')) return endingOf(await look(options, show, invocation)).code;
  if (!given.has('partial') || deliver)
    return noted('report', { ...options, clock }, async () =>
      endingOf(await reportAndDeliver(options, { show, deliver }, invocation)),
    );
  await withReportsSoFar(options, (reports) => show?.(reports));
  return endingOf(allDone).code;
}

/** What is done with the reports once they are queued. */
interface Uses {
  readonly show: Show | undefined;
  readonly deliver: Deliver | undefined;
}

type Show = (reports: Iterable<BuiltReport>) => Promise<void>;

/** Undefined when nothing is to be shown. `reports` are gone through more than once. */
function requestedShow(invocation: Invocation): Show | undefined {
  const { given, print } = invocation;
  const writeFiles = requestedFiles(invocation);
  if (!writeFiles && !given.has('json')) return undefined;
  return async (reports) => {
    await writeFiles?.(reports);
    if (given.has('json')) for (const text of jsonTexts(shownReports(reports))) print(text);
  };
}

async function look(options: BuildOptions, show: Show | undefined, invocation: Invocation): Promise<Ending> {
  requireExpectedHosts(options, invocation);
  await withReportsSoFar(options, show ?? plannedReports(options, invocation.print));
  return allDone;
}

async function reportAndDeliver(
  options: BuildOptions,
  { show, deliver }: Uses,
  invocation: Invocation,
): Promise<Ending> {
  const { settings, clock, given } = invocation;
  const { keepDays, spread: spreadMs } = settings;
  requireExpectedHosts(options, invocation);
  const keepDaysAreUnusual = given.text('keep-days') !== undefined;
  const retention = { keepDays, keepDaysAreUnusual };
  const { unknown } = await reportDay({ ...options, ...retention, clock, spreadMs, random: Math.random });
  await showOutbox(options, show);
  const { store, day, domains } = options;
  const ending = deliver ? await deliver(store, { day, domains, evenIfNotDue: false }) : allDone;
  return unknown > 0 ? orLater(ending, 'records-unknown') : ending;
}

/** What the outbox holds about the day, reports that were built earlier included. */
async function showOutbox({ store, day, domains }: BuildOptions, show: Show | undefined): Promise<void> {
  if (!show) return;
  await store.outboxes.withReports(day, (reports) => show({ [Symbol.iterator]: () => reportsOn(reports, domains) }));
}

/** Without domains: all of them. */
function* reportsOn<T extends BuiltReport>(reports: Iterable<T>, domains: readonly string[]): Generator<T> {
  for (const report of reports)
    if (domains.length === 0 || domains.includes(report.outgoing.policyDomain)) yield report;
}

function* shownReports(reports: Iterable<BuiltReport>): Generator {
  for (const { outgoing, destinations } of reports)
    yield {
      policyDomain: outgoing.policyDomain,
      reportId: outgoing.reportId,
      destinations,
      report: JSON.parse(outgoing.document) as unknown,
    };
}
