import { describe, expect, it } from 'vitest';
import { DaySessions } from '#pipeline/report/day-sessions.ts';
import type { ReportDocument } from '#tlsrpt/report-json.ts';
import { DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeRecords } from '#test/support/fake-records.ts';
import { documentsOf, Reporting } from '#test/support/reporting.ts';

const HOST = 'mx.host.example';
const DOMAINS = 600;
/** Of 12 KB for each domain: 600 of them are more than a document holds. */
const STRINGS = Array.from({ length: 100 }, (_, index) => `3 1 2 ${String(index).padStart(2, '0')}${'ab'.repeat(58)}`);

/** A session with a domain that names no record, so that the host alone gets a report. */
function sessionWith(index: number, failed = false): Buffer {
  const policy = { 'policy-type': 1, 'policy-domain': HOST, 'policy-string': STRINGS };
  const failures = failed ? { t: 1, 'failure-details': [{ c: 202, r: `192.0.2.${String(index % 200)}` }] } : {};
  const domain = `d${String(index).padStart(4, '0')}.example`;
  return Buffer.from(JSON.stringify({ d: domain, policies: [{ ...policy, f: failed ? 1 : 0, ...failures }] }));
}

function sumsOf(document: ReportDocument | undefined): number[] {
  const summaries = (document?.policies ?? []).map(({ summary }) => summary);
  return [
    summaries.reduce((sum, summary) => sum + summary['total-successful-session-count'], 0),
    summaries.reduce((sum, summary) => sum + summary['total-failure-session-count'], 0),
  ];
}

describe('A day on which an MX host takes mail for many domains', () => {
  const sessions = Array.from({ length: DOMAINS }, (_, index) => sessionWith(index, index % 10 === 0));
  const records = (): FakeRecords => new FakeRecords({ [HOST]: ['v=TLSRPTv1;rua=mailto:tls@host.example'] });

  it('is read with no more than one of them in memory, whichever hosts saw them', async () => {
    const reporting = await Reporting.of(sessions.slice(0, 20));
    reporting.days.fetch('mx2', sessions.slice(10, 30));
    const options = { store: reporting.days.store, day: DAY, partial: false, log: (): void => undefined };
    const day = DaySessions.open(options);
    const seen = Array.from(day.mxHosts(), ({ host, domain, tallies }) => [host, domain, tallies.length]);
    day.close();
    expect(seen).toEqual(
      Array.from({ length: 30 }, (_, index) => [
        HOST,
        `d${String(index).padStart(4, '0')}.example`,
        index >= 10 && index < 20 ? 2 : 1,
      ]),
    );
  });

  it('gives one report that counts every session, and supplements that count the rest', async () => {
    const reporting = await Reporting.of(sessions);
    const first = await reporting.run({ records: records() });
    expect(first.map(({ outgoing }) => outgoing.policyDomain)).toEqual([HOST]);
    expect(sumsOf(documentsOf(first)[0])).toEqual([DOMAINS - DOMAINS / 10, DOMAINS / 10]);
    expect(await reporting.run({ records: records() })).toEqual(first);
    reporting.startTransmission(first);
    reporting.days.collect([sessionWith(3), sessionWith(500), sessionWith(500, true), sessionWith(DOMAINS)]);
    const both = await reporting.run({ records: records() });
    expect(both).toHaveLength(2);
    const [, supplement] = documentsOf(both);
    expect(sumsOf(supplement)).toEqual([3, 1]);
    expect(supplement?.policies.map(({ policy }) => policy['policy-domain'])).toEqual([
      'd0003.example',
      'd0500.example',
      `d0${String(DOMAINS)}.example`,
    ]);
  });

  it('puts what the host saw of itself beside them', async () => {
    const own = makeDatagram({ domain: HOST, record: 'v=TLSRPTv1;rua=mailto:tls@host.example' });
    const reporting = await Reporting.of([own, ...sessions.slice(0, 3)]);
    const [document, ...others] = documentsOf(await reporting.run({ records: new FakeRecords() }));
    expect(others).toEqual([]);
    expect(document?.policies).toHaveLength(4);
  });
});
