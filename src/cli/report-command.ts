/**
 * `tlsrpt report`: builds the reports about one day, shows them, writes them, delivers them.
 */
import { buildReports } from '#pipeline/report/build-reports.ts';
import { requireAllHosts } from '#pipeline/report/require-all-hosts.ts';
import type { RequiredHosts } from '#pipeline/report/require-all-hosts.ts';
import { reportDay } from '#pipeline/report/report-day.ts';
import type { BuiltReport } from '#store/outbox.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Command, Invocation } from './command.ts';
import { destinationMapsOf, mapSettings } from './destination-maps.ts';
import { exitCode } from './exit-code.ts';
import { askedDomains, askedFinishedDay, domainFlag, finishedDayFlag } from './flags.ts';
import { jsonText } from './json-text.ts';
import { askedFiles, outFlags } from './report-files.ts';
import { parseSource } from './source-address.ts';
import { deliver, sendSettings } from './send-command.ts';
import { stateDirectoryOf } from './state.ts';
import { senderOf, submitterOf } from './submitter.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'Build the reports about one day, and deliver them if asked to',
  flags: [
    finishedDayFlag,
    domainFlag,
    ...outFlags,
    {
      name: 'without-missing',
      help: 'Go on without the sources whose day is not here, instead of waiting for them.',
    },
    { name: 'json', help: 'Print the reports as a JSON array.' },
    { name: 'deliver', help: 'Deliver them, as send does.' },
    {
      name: 'partial',
      help: 'Take a day that is not over, as far as it has come. The outbox stays as it is unless --deliver is given; what is delivered then stands for the whole day.',
    },
  ],
  settings: ['organization', 'successOnly', 'spread', 'keepDays', 'waitForMissing', ...mapSettings, ...sendSettings],
  run: async (invocation) => {
    const { given, settings } = invocation;
    const day = askedFinishedDay(invocation);
    if (given.has('deliver')) senderOf(settings);
    const writeFiles = askedFiles(invocation);
    const reports = await reportsAbout(day, invocation);
    await writeFiles?.(reports);
    if (given.has('json')) invocation.print(jsonOf(reports));
    if (!given.has('deliver')) return exitCode.done;
    return deliver(invocation, { day, domains: askedDomains(invocation), evenIfNotDue: false });
  },
};

async function reportsAbout(day: UtcDay, invocation: Invocation): Promise<readonly BuiltReport[]> {
  const { given, settings, clock, log } = invocation;
  const options = {
    state: stateDirectoryOf(invocation),
    sqlite: await loadSqlite(),
    day,
    log,
    submitter: submitterOf(settings),
    domains: askedDomains(invocation),
    successOnly: settings.successOnly,
    maps: destinationMapsOf(settings),
    partial: given.has('partial'),
  };
  if (given.has('partial') && !given.has('deliver')) return buildReports(options);
  requireAllHosts({ ...options, ...expectedHosts(invocation) });
  return reportDay({ ...options, clock, keepDays: settings.keepDays, spreadMs: settings.spread, random: Math.random });
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

function jsonOf(reports: readonly BuiltReport[]): string {
  const shown = reports.map(({ outgoing, destinations }) => ({
    policyDomain: outgoing.policyDomain,
    reportId: outgoing.reportId,
    destinations,
    report: JSON.parse(outgoing.document) as unknown,
  }));
  return jsonText(shown);
}
