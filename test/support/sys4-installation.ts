/**
 * What sys4's programs leave on a host in mid-day, and what becomes of it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DAY } from './collected-days.ts';
import { makeDatagram } from './datagrams.ts';
import { run } from './run-program.ts';
import type { ProgramRun } from './run-program.ts';
import { scratchDirectory } from './scratch.ts';
import { isOfSys4, reportdDatabase, sys4Report } from './sys4-reportd.ts';
import type { BuiltReport, FetchedDomains } from './sys4-reportd.ts';
import { sys4Collect, sys4Database } from './sys4.ts';

/** The day that the collector is in. */
export const TODAY = '2026-11-20' as UtcDay;

/** One session that failed and others that did not, in datagrams. */
export function seen(domain: string, times: number, record = `v=TLSRPTv1;rua=mailto:tls@${domain}`): Buffer[] {
  const failed = makeDatagram({ domain, record, failures: [{ code: 204, receivingIp: '192.0.2.1' }] });
  return [failed, ...Array<Buffer>(times - 1).fill(makeDatagram({ domain, record }))];
}

interface Installation {
  /** What the collector has of yesterday, and of today so far. */
  readonly yesterday?: readonly Buffer[];
  readonly today?: readonly Buffer[];
  readonly reports?: readonly BuiltReport[];
  readonly fetched?: readonly FetchedDomains[];
  /** The line of `reportd.cfg` about them. */
  readonly fetchers?: string;
  /** More lines for `reportd.cfg`. */
  readonly more?: string;
}

/** The files of sys4's programs in mid-day; returns the directory of their configuration. */
export async function install(wish: Installation): Promise<string> {
  const directory = scratchDirectory();
  const {
    yesterday = [],
    today = [],
    reports = [],
    fetched = [],
    fetchers = 'fetchers = tlsrpt-fetcher',
    more = '',
  } = wish;
  const storage = join(directory, 'collectd.sqlite');
  writeFileSync(
    join(directory, 'collectd.cfg'),
    `[tlsrpt_collectd]\nstorage = sqlite://${storage}\nsocketname = /run/t.sock\n`,
  );
  writeFileSync(
    join(directory, 'reportd.cfg'),
    `[tlsrpt_reportd]\ndbname = ${directory}/reportd.sqlite\n${fetchers}\norganization_name = Sender\n${more}`,
  );
  writeFileSync(`${storage}.yesterday`, await sys4Database(sys4Collect(yesterday), { day: DAY }));
  writeFileSync(storage, await sys4Database(sys4Collect(today), { day: TODAY, complete: false }));
  writeFileSync(join(directory, 'reportd.sqlite'), await reportdDatabase(reports, fetched));
  return directory;
}

/** Runs `import sys4` on it. */
export function moved(directory: string, stateDir: string, ...words: readonly string[]): Promise<ProgramRun> {
  return run(['import', 'sys4', '--from', directory, '--to', join(directory, 'tlsrpt.toml'), ...words], { stateDir });
}

/** What reportd made of a domain. */
export function built(
  datagrams: readonly Buffer[],
  domain: string,
  deliveries: BuiltReport['deliveries'],
): BuiltReport {
  return { day: DAY, domain, document: sys4Report(sys4Collect(datagrams), domain, DAY), deliveries };
}

/** Each with its state, in order. */
export async function deliveriesOn(stateDir: string, day: UtcDay): Promise<string[]> {
  const content = (await Store.open(stateDir)).outboxes.read(day);
  return (content?.deliveries ?? []).map(({ destination, state }) => `${destination} ${state}`).sort();
}

/** How many sessions of a day the reports give that were built here, by domain. */
export async function newlyReported(stateDir: string, day: UtcDay): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  const { outboxes } = await Store.open(stateDir);
  await outboxes.withReports(day, (reports) => {
    for (const { outgoing } of reports) {
      const { policyDomain, reportId, document } = outgoing;
      if (!isOfSys4(reportId)) sums[policyDomain] = (sums[policyDomain] ?? 0) + reportedSessions(document);
    }
  });
  return Object.fromEntries(Object.entries(sums).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function reportedSessions(document: string): number {
  const { policies } = JSON.parse(document) as { policies: { summary: Record<string, number> }[] };
  return policies.flatMap(({ summary }) => Object.values(summary)).reduce((sum, count) => sum + count, 0);
}

/** How many sessions there are of a day here and of other hosts, those counted twice twice. */
export async function sessionsOn(stateDir: string, day: UtcDay): Promise<number> {
  const store = await Store.open(stateDir);
  const readers = [
    store.sessions.read(day),
    ...store.fetched.folders().map((folder) => store.fetched.read(folder, day)),
  ];
  return readers
    .flatMap((reader) => [...(reader?.domainTallies() ?? [])])
    .flatMap(({ policies }) => policies)
    .reduce((sum, { successful, failed }) => sum + successful + failed, 0);
}

/** All that an import has brought, wherever the installation was. */
export async function movedIn(directory: string, stateDir: string): Promise<unknown> {
  const store = await Store.open(stateDir);
  const configuration = readdirSync(directory).filter((name) => /\.(?:toml|map|tmp)$/.test(name));
  return {
    configuration: configuration.map((name) =>
      readFileSync(join(directory, name), 'utf8').replaceAll(directory, 'DIRECTORY'),
    ),
    sessions: store.sessions.days().map((day) => {
      const reader = store.sessions.read(day);
      const tallies = [...(reader?.domainTallies() ?? [])];
      reader?.close();
      return { day, tallies };
    }),
    fetched: store.fetched.folders(),
    deliveries: await deliveriesOn(stateDir, DAY),
  };
}
