import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { withReportsSoFar } from '#pipeline/report/build-reports.ts';
import type { BuildOptions } from '#pipeline/report/build-reports.ts';
import type { MapSubject } from '#pipeline/report/map-destinations.ts';
import type { BuiltReport } from '#store/outbox/outbox-entries.ts';
import type { PolicyDocument, ReportDocument } from '#tlsrpt/report-json.ts';
import type { DAY } from '#test/support/collected-days.ts';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { ordinaryBuild } from '#test/support/reporting.ts';

const RECORD = 'v=TLSRPTv1;rua=mailto:tls@a.example';
const IDENTITY = '5bb31a6e-6dba-4a3f-9d5e-4f5b1d7a1e11';
const SUCCESS = makeDatagram({ domain: 'a.example', record: RECORD });
const FAILURE = makeDatagram({ domain: 'a.example', record: RECORD, failures: [{ code: 201 }] });

interface Built {
  readonly reports: BuiltReport[];
  readonly logged: LogEvent[];
}

async function build(days: CollectedDays, options: Partial<BuildOptions> = {}): Promise<Built> {
  const logged: LogEvent[] = [];
  const all: BuildOptions = {
    ...ordinaryBuild(days),
    log: (event) => logged.push(event),
    ...options,
  };
  const reports = await withReportsSoFar(all, (soFar) => [...soFar]);
  return { reports, logged };
}

function policiesIn(report: BuiltReport | undefined): readonly PolicyDocument[] {
  return (JSON.parse(report?.outgoing.document ?? '{"policies":[]}') as ReportDocument).policies;
}

/** Successes and failures of each report's policies. */
function countsIn({ reports }: Built): (readonly [number, number])[] {
  return reports
    .flatMap(policiesIn)
    .map(({ summary }) => [summary['total-successful-session-count'], summary['total-failure-session-count']]);
}

describe('withReportsSoFar', () => {
  it('brings what several hosts saw into one report', async () => {
    const days = await CollectedDays.make();
    days.collect([SUCCESS, FAILURE]);
    days.fetch('mx2', [SUCCESS, SUCCESS]);
    days.fetch('mx3', [FAILURE]);
    const built = await build(days);
    expect(built.reports).toHaveLength(1);
    expect(countsIn(built)).toEqual([[3, 2]]);
    expect(policiesIn(built.reports[0])[0]?.['failure-details']).toMatchObject([{ 'failed-session-count': 2 }]);
  });

  it('needs no sessions of its own', async () => {
    const days = await CollectedDays.make();
    days.fetch('mx2', [SUCCESS]);
    expect(countsIn(await build(days))).toEqual([[1, 0]]);
  });

  it('counts a state directory once that was reached by two ways, and says so', async () => {
    const days = await CollectedDays.make();
    days.collect([SUCCESS]);
    days.fetch('here-again', [SUCCESS], { origin: days.store.identity() });
    days.fetch('mx2', [SUCCESS]);
    days.fetch('mx2-again', [SUCCESS], { origin: 'mx2' });
    const built = await build(days);
    expect(countsIn(built)).toEqual([[2, 0]]);
    expect(built.logged.map(({ name, facts }) => [name, facts['source']])).toEqual([
      ['source-counted-once', 'here-again'],
      ['source-counted-once', 'mx2-again'],
    ]);
  });

  it('takes what there is of an unfinished day from other hosts only when asked to', async () => {
    const days = await CollectedDays.make();
    days.collect([SUCCESS]);
    days.fetchPartial('mx2', [SUCCESS, FAILURE]);
    expect(countsIn(await build(days))).toEqual([[1, 0]]);
    expect(countsIn(await build(days, { partial: true }))).toEqual([[2, 1]]);
  });

  it('prefers a complete day to a part of it, wherever it was fetched from', async () => {
    const days = await CollectedDays.make();
    days.fetch('b', [SUCCESS, SUCCESS], { origin: 'host' });
    days.fetchPartial('a', [SUCCESS], { origin: 'host' });
    days.fetchPartial('b', [SUCCESS], { origin: 'host' });
    expect(countsIn(await build(days, { partial: true }))).toEqual([[2, 0]]);
  });

  it('gives the same bytes for the same sessions, in whatever order and from whichever host', async () => {
    const [one, other] = [await CollectedDays.make(IDENTITY), await CollectedDays.make(IDENTITY)];
    const datagrams = recordedDatagrams();
    one.collect(datagrams);
    other.collect(datagrams.slice(20).reverse());
    other.fetch('mx2', datagrams.slice(0, 20).reverse());
    expect((await build(other)).reports).toEqual((await build(one)).reports);
    expect((await build(one)).reports.length).toBeGreaterThan(5);
  });

  it('asks once where the reports on a domain go that is not an MX host', async () => {
    const days = await CollectedDays.make();
    days.collect([SUCCESS]);
    const asked: string[] = [];
    const matches = ({ domain }: MapSubject): boolean => asked.push(domain) === 0;
    const entry = { where: 'record.map:1', text: '', action: 'ACCEPT', matches, rewrite: () => [] } as const;
    await build(days, { maps: { record: [entry], mail: [], https: [] } });
    expect(asked).toEqual(['a.example']);
  });

  it('leaves out another day', async () => {
    const days = await CollectedDays.make();
    days.collect([SUCCESS], { day: '2026-11-18' as typeof DAY });
    expect((await build(days)).reports).toEqual([]);
  });

  it('keeps policies apart that changed during the day', async () => {
    const days = await CollectedDays.make();
    const sts = (mode: string): Buffer =>
      Buffer.from(
        JSON.stringify({
          d: 'a.example',
          pr: RECORD,
          policies: [{ 'policy-type': 2, 'policy-string': [`mode: ${mode}`], f: 0 }],
        }),
      );
    days.collect([sts('testing'), sts('enforce'), sts('enforce')]);
    expect(policiesIn((await build(days)).reports[0]).map(({ policy }) => policy['policy-string'])).toEqual([
      ['mode: enforce'],
      ['mode: testing'],
    ]);
  });
});

describe('withReportsSoFar for some domains', () => {
  it('builds no others and tells nothing of them', async () => {
    const days = await CollectedDays.make();
    days.collect([SUCCESS, makeDatagram({ domain: 'b.example', record: 'v=TLSRPTv1' })]);
    const built = await build(days, { domains: ['a.example'] });
    expect(built.reports.map(({ outgoing }) => outgoing.policyDomain)).toEqual(['a.example']);
    expect(built.logged).toEqual([]);
  });
});

describe('a report in which nothing failed', () => {
  const datagrams = [SUCCESS, makeDatagram({ domain: 'b.example', failures: [{ code: 204 }] })];

  it.each([
    ['send', ['a.example', 'b.example']],
    ['skip', ['b.example']],
  ] as const)('is built or not as success_only says: %s', async (successOnly, domains) => {
    const days = await CollectedDays.make();
    days.collect(datagrams);
    expect((await build(days, { successOnly })).reports.map(({ outgoing }) => outgoing.policyDomain)).toEqual(domains);
  });

  it('is one even when a session failed first and succeeded in the end', async () => {
    const days = await CollectedDays.make();
    const recovered = { 'policy-type': 9, 'failure-details': [{ c: 204 }], f: 0 };
    days.collect([Buffer.from(JSON.stringify({ d: 'a.example', pr: RECORD, policies: [recovered] }))]);
    expect((await build(days, { successOnly: 'skip' })).reports).toEqual([]);
    expect(countsIn(await build(days))).toEqual([[1, 0]]);
  });
});
