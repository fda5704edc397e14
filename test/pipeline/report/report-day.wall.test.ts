import { describe, expect, it } from 'vitest';
import { withReportsSoFar } from '#pipeline/report/build-reports.ts';
import type { DestinationMaps, MapSubject } from '#pipeline/report/map-destinations.ts';
import type { Problem } from '#support/problem.ts';
import { DAY } from '#test/support/collected-days.ts';
import { damageReport } from '#test/support/damage-report.ts';
import { has } from '#test/support/real-parts.ts';
import { BAD, GOOD, ordinaryBuild, Reporting } from '#test/support/reporting.ts';

/** Maps that nothing can be looked up in for one domain. */
function mapsFailingFor(domain: string): DestinationMaps {
  const matches = ({ domain: asked }: MapSubject): boolean => {
    if (asked === domain) throw new RangeError('Invalid string length');
    return false;
  };
  const entry = { where: 'record.map:1', text: '', action: 'ACCEPT', matches, rewrite: () => [] } as const;
  return { record: [entry], mail: [], https: [] };
}

/** Gives a number to all who ask but one. */
function failingOnce(): () => number {
  let asked = 0;
  return () => {
    asked += 1;
    if (asked === 1) throw new TypeError('x is not a function');
    return 0;
  };
}

function domainsIn(reports: Awaited<ReturnType<Reporting['run']>>): string[] {
  return reports.map(({ outgoing }) => outgoing.policyDomain);
}

describe('A domain whose report cannot be built', () => {
  const detail = 'Invalid string length';

  it('is withheld with the reason while all others have their reports', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    const failed: Problem[] = [];
    const domainFailed = (problem: Problem): unknown => failed.push(problem);
    const reports = await reporting.run({ maps: mapsFailingFor('bad.example'), domainFailed });
    expect(domainsIn(reports)).toEqual(['good.example']);
    expect(reporting.withheld()).toEqual([{ policyDomain: 'bad.example', why: 'not-built', detail }]);
    expect(failed).toMatchObject([{ code: 'internal-error', message: expect.stringContaining(detail) as string }]);
    expect(failed[0]?.message).toMatch(/^No report on bad\.example, .*, at .*report-day\.wall\.test\.ts:\d+/);
  });

  it('is withheld alone as well when its report is planned, and something else fails', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    const reports = await reporting.run({ random: failingOnce(), domainFailed: () => undefined });
    expect(domainsIn(reports)).toEqual(['good.example']);
    expect(reporting.withheld()).toEqual([
      { policyDomain: 'bad.example', why: 'not-built', detail: 'x is not a function' },
    ]);
  });

  it('has its report once it can be built', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    await reporting.run({ maps: mapsFailingFor('bad.example'), domainFailed: () => undefined });
    expect(domainsIn(await reporting.run())).toEqual(['bad.example', 'good.example']);
    expect(reporting.withheld()).toEqual([]);
  });

  it('keeps the report that was built before', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    const before = await reporting.run();
    const after = await reporting.run({ maps: mapsFailingFor('bad.example'), domainFailed: () => undefined });
    expect(after).toEqual(before);
  });

  it.runIf(has('sqlite3'))('is withheld alone when what is stored of it is damaged, and told as that', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    await reporting.run();
    damageReport(reporting.days.store, DAY, 'bad.example');
    reporting.days.collect([GOOD, BAD]);
    const failed: Problem[] = [];
    const run = reporting.run({ domainFailed: (problem) => failed.push(problem) });
    await expect(run).rejects.toThrow(/^The report 2026-11-19\.bad\.example/); // from looking at all of them afterwards
    expect(failed).toMatchObject([
      { code: 'store-damaged', message: expect.stringMatching(/^The report 2026-11-19\.bad\.example/) as string },
    ]);
    expect(reporting.withheld()).toMatchObject([{ policyDomain: 'bad.example', why: 'not-built' }]);
  });

  it('is told once, and left out, also where reports are only shown', async () => {
    const { days } = await Reporting.of([GOOD, BAD]);
    const failed: Problem[] = [];
    const maps = mapsFailingFor('bad.example');
    const options = { ...ordinaryBuild(days), maps, log: () => undefined, domainFailed: failed.push.bind(failed) };
    const rounds = await withReportsSoFar(options, (reports) => [[...reports], [...reports]]);
    expect(rounds.map((reports) => reports.map(({ outgoing }) => outgoing.policyDomain))).toEqual([
      ['good.example'],
      ['good.example'],
    ]);
    expect(failed).toHaveLength(1);
  });
});
