/**
 * `tlsrpt report`: builds the reports about one day and queues them; shows them, writes them, delivers them. With --dry-run it only looks.
 */
import { dnsRecords } from '#adapters/dns/dns-records.ts';
import { withReportsSoFar } from '#pipeline/report/build-reports.ts';
import type { BuildOptions } from '#pipeline/report/build-reports.ts';
import { requireAllHosts } from '#pipeline/report/require-all-hosts.ts';
import type { RequiredHosts } from '#pipeline/report/require-all-hosts.ts';
import { tellWhetherCollected } from '#pipeline/report/tell-whether-collected.ts';
import { reportDay } from '#pipeline/report/report-day.ts';
import type { BuiltReport } from '#store/outbox-entries.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { destinationMapsOf, mapSettings } from '#cli/wiring/destination-maps.ts';
import { allDone, orLater } from '#cli/exit-code.ts';
import type { Ending } from '#cli/exit-code.ts';
import { requestedDomains, requestedFinishedDay, domainFlag, finishedDayFlag } from '#cli/arguments/flags.ts';
import { jsonArrayTexts } from '#cli/output/json-text.ts';
import { plannedReports } from '#cli/output/planned-reports.ts';
import { requestedFiles, outFlags } from '#cli/output/report-files.ts';
import { parseSource } from '#cli/arguments/source-address.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { deliveringFlags, readyToDeliver, sendSettings } from '#cli/wiring/deliver.ts';
import type { Deliver } from '#cli/wiring/deliver.ts';
import { noted } from '#cli/wiring/noted-run.ts';
import { openExistingStore, openStore } from '#cli/wiring/state.ts';
import { submitterOf } from '#cli/wiring/submitter.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'Build the reports about one day and queue them, for the next send to deliver or at once with --deliver',
  examples: [
    ['report --day yesterday --deliver', 'build the reports about yesterday and deliver them'],
    ['report --day today --partial --dry-run', 'show what would be reported so far'],
    ['report --out /tmp/reports', 'keep a copy of each report as a file'],
  ],
  flags: [
    finishedDayFlag,
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
  ],
  pairings: [
    { flags: ['format'], onlyWith: 'out' },
    { flags: deliveringFlags, onlyWith: 'deliver' },
  ],
  run: async (invocation) => {
    const { given, settings, clock, log } = invocation;
    const day = requestedFinishedDay(invocation);
    const show = requestedShow(invocation);
    const deliver = given.has('deliver') ? await readyToDeliver(invocation) : undefined;
    const trouble = new Trouble(log);
    const options = await buildOptions(day, invocation, trouble);
    const isCollected = tellWhetherCollected(options, settings.sources.length > 0);
    const endingOf = (ending: Ending): Ending =>
      trouble.over(isCollected ? ending : orLater(ending, 'day-not-collected'));
    if (given.has('dry-run')) {
      requireAllHosts({ ...options, ...expectedHosts(invocation) });
      await withReportsSoFar(options, show ?? plannedReports(options, invocation.print));
      return endingOf(allDone).code;
    }
    if (!given.has('partial') || deliver)
      return noted('report', { ...options, clock }, async () =>
        endingOf(await reportAndDeliver(options, { show, deliver }, invocation)),
      );
    await withReportsSoFar(options, (reports) => show?.(reports));
    return endingOf(allDone).code;
  },
};

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
    if (given.has('json')) for (const text of jsonArrayTexts(shownReports(reports))) print(text);
  };
}

async function buildOptions(day: UtcDay, invocation: Invocation, trouble: Trouble): Promise<BuildOptions> {
  const { given, settings, log } = invocation;
  return {
    store: await (settings.sources.length > 0 ? openStore(invocation) : openExistingStore(invocation)),
    day,
    log,
    records: dnsRecords(settings.dnsServers),
    domains: requestedDomains(invocation),
    successOnly: settings.successOnly,
    mxHosts: settings.mxHosts,
    loopGuard: settings.loopGuard,
    copyTo: settings.copyTo,
    maps: destinationMapsOf(settings),
    submitter: submitterOf(settings),
    partial: given.has('partial'),
    domainFailed: trouble.note,
  };
}

async function reportAndDeliver(
  options: BuildOptions,
  { show, deliver }: Uses,
  invocation: Invocation,
): Promise<Ending> {
  const { settings, clock, given } = invocation;
  const { keepDays, spread: spreadMs } = settings;
  requireAllHosts({ ...options, ...expectedHosts(invocation) });
  const keepDaysAreUnusual = given.text('keep-days') !== undefined;
  const retention = { keepDays, keepDaysAreUnusual };
  const { unknown } = await reportDay({ ...options, ...retention, clock, spreadMs, random: Math.random });
  await showOutbox(options, show);
  const { store, day, domains } = options;
  const ending = deliver ? await deliver(store, { day, domains, evenIfNotDue: false }) : allDone;
  return unknown > 0 ? orLater(ending, 'records-unknown') : ending;
}

function expectedHosts({
  settings,
  clock,
  given,
}: Invocation): Pick<RequiredHosts, 'sources' | 'nowMs' | 'waitMs' | 'withoutMissing'> {
  return {
    sources: settings.sources.map((source) => parseSource(source).name),
    nowMs: clock.nowMs(),
    waitMs: settings.waitForMissing,
    withoutMissing: given.has('without-missing') || given.has('partial'),
  };
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
