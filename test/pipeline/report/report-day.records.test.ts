import { describe, expect, it } from 'vitest';
import type { StoredReport } from '#store/outbox/outbox-entries.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeRecords } from '#test/support/fake-records.ts';
import { BAD, documentsOf, Reporting } from '#test/support/reporting.ts';

const IDENTITY = '5bb31a6e-6dba-4a3f-9d5e-4f5b1d7a1e11';

describe('Records that no mail server passed on', () => {
  const WITHOUT = Buffer.from(
    JSON.stringify({ d: 'a.example', policies: [{ 'policy-type': 9, 'policy-domain': 'a.example', f: 1 }] }),
  );
  const KNOWN = { 'a.example': ['v=TLSRPTv1;rua=mailto:tls@a.example'] };

  it('are looked up, and not where another host passed one on', async () => {
    const reporting = await Reporting.of([WITHOUT]);
    const records = new FakeRecords(KNOWN);
    expect(await reporting.run({ records })).toHaveLength(1);
    expect(records.asked).toEqual(['a.example']);
    reporting.days.fetch('mx2', [makeDatagram({ domain: 'a.example', record: 'v=TLSRPTv1;rua=mailto:b@a.example' })]);
    const knowing = new FakeRecords();
    const reports = await reporting.run({ records: knowing });
    expect(knowing.asked).toEqual([]);
    expect(reports.map(({ destinations }) => destinations)).toEqual([['mailto:b@a.example']]);
  });

  it('are asked for in a later run when nobody knew, and the rest is reported meanwhile', async () => {
    const reporting = await Reporting.of([WITHOUT, BAD]);
    expect(await reporting.run({ records: new FakeRecords({ 'a.example': 'unknown' }) })).toHaveLength(1);
    expect(reporting.last).toEqual({ unknown: 1 });
    expect(reporting.withheld()).toEqual([{ policyDomain: 'a.example', why: 'record-unknown' }]);
    expect(await reporting.run({ records: new FakeRecords(KNOWN) })).toHaveLength(2);
    expect(reporting.last).toEqual({ unknown: 0 });
    expect(reporting.withheld()).toEqual([]);
  });

  it('leave a report as it was built when nobody knows any more', async () => {
    const reporting = await Reporting.of([WITHOUT]);
    const before = await reporting.run({ records: new FakeRecords(KNOWN) });
    expect(await reporting.run({ records: new FakeRecords({ 'a.example': 'unknown' }) })).toEqual(before);
  });

  it('count as they were when the report was transmitted, whatever DNS says later', async () => {
    const reporting = await Reporting.of([WITHOUT]);
    await reporting.run({ records: new FakeRecords(KNOWN) });
    reporting.startTransmission(await reporting.reports());
    const changed = new FakeRecords({ 'a.example': ['v=TLSRPTv1;rua=mailto:new@a.example'] });
    expect(await reporting.run({ records: changed })).toHaveLength(1);
    expect(changed.asked).toEqual([]);
  });

  it('take a report back that the domain does not ask for any more', async () => {
    const reporting = await Reporting.of([WITHOUT]);
    await reporting.run({ records: new FakeRecords(KNOWN) });
    expect(await reporting.run({ records: new FakeRecords() })).toEqual([]);
    expect(reporting.deliveries()).toEqual([]);
  });
});

describe('Reports for the operators of MX hosts', () => {
  const tlsa = (domain: string, record: string | undefined, host = 'mx.host.example'): Buffer =>
    Buffer.from(
      JSON.stringify({
        d: domain,
        pr: record,
        policies: [{ 'policy-type': 1, 'policy-domain': host, 'policy-string': ['3 1 1 aa'], f: 1 }],
      }),
    );
  const HOST_RECORD = 'v=TLSRPTv1;rua=mailto:tls@host.example';
  const records = (): FakeRecords => new FakeRecords({ 'mx.host.example': [HOST_RECORD] });

  /** Type and domain of each policy, report by report. */
  function policiesIn(reports: readonly StoredReport[]): string[][] {
    return documentsOf(reports).map(({ policies }) =>
      policies.map(({ policy }) => `${policy['policy-type']} ${policy['policy-domain']}`),
    );
  }

  it('hold an entry for each domain, under its own name', async () => {
    const reporting = await Reporting.of([
      tlsa('a.example', 'v=TLSRPTv1;rua=mailto:tls@a.example'),
      tlsa('b.example', undefined),
    ]);
    const reports = await reporting.run({ records: records() });
    expect(reports.map(({ outgoing }) => outgoing.policyDomain)).toEqual(['a.example', 'mx.host.example']);
    expect(documentsOf(reports)[1]?.policies.map(({ policy }) => [policy['policy-domain'], policy['mx-host']])).toEqual(
      [
        ['a.example', ['mx.host.example']],
        ['b.example', ['mx.host.example']],
      ],
    );
  });

  it('leave out a domain of which nobody knows yet whether it has the same addresses', async () => {
    const reporting = await Reporting.of([tlsa('a.example', undefined), tlsa('b.example', undefined)]);
    const unsure = new FakeRecords({ 'mx.host.example': [HOST_RECORD], 'a.example': 'unknown' });
    const [report] = documentsOf(await reporting.run({ records: unsure }));
    expect(report?.policies.map(({ policy }) => policy['policy-domain'])).toEqual(['b.example']);
  });

  it('go into the own report of a host that is a recipient domain too', async () => {
    const reporting = await Reporting.of([
      tlsa('a.example', undefined),
      makeDatagram({ domain: 'mx.host.example', record: HOST_RECORD }),
    ]);
    const asked = records();
    const reports = await reporting.run({ records: asked });
    expect(asked.asked).toEqual(['a.example']);
    expect(policiesIn(reports)).toEqual([['no-policy-found mx.host.example', 'tlsa a.example']]);
  });

  it('hold what a host saw of itself once, beside what is about mail to others', async () => {
    const reporting = await Reporting.of([tlsa('mx.host.example', HOST_RECORD), tlsa('z.example', undefined)]);
    const reports = await reporting.run({ records: records() });
    expect(policiesIn(reports)).toEqual([['tlsa mx.host.example', 'tlsa z.example']]);
    expect(await reporting.run({ records: records() })).toEqual(reports);
  });

  it('go to the addresses that the host has by most of its sessions, where those saw two records', async () => {
    const other = makeDatagram({ domain: 'mx.host.example', record: 'v=TLSRPTv1;rua=mailto:old@host.example' });
    const own = makeDatagram({ domain: 'mx.host.example', record: HOST_RECORD });
    const reporting = await Reporting.of([tlsa('a.example', undefined), other, own, own]);
    const reports = await reporting.run({ records: records() });
    expect(reports.flatMap(({ destinations }, at) => [destinations, policiesIn(reports)[at]])).toEqual(
      expect.arrayContaining([
        ['mailto:old@host.example'],
        ['no-policy-found mx.host.example'],
        ['mailto:tls@host.example'],
        ['no-policy-found mx.host.example', 'tlsa a.example'],
      ]),
    );
  });

  it('are asked for by no more than one event where nobody knows the record of such a host', async () => {
    const without = Buffer.from(JSON.stringify({ d: 'mx.host.example', policies: [{ 'policy-type': 9, f: 0 }] }));
    const reporting = await Reporting.of([tlsa('a.example', undefined), without]);
    expect(await reporting.run({ records: new FakeRecords({ 'mx.host.example': 'unknown' }) })).toEqual([]);
    expect(reporting.eventNames().filter((name) => name === 'record-unknown')).toHaveLength(1);
    expect(reporting.withheld()).toEqual([{ policyDomain: 'mx.host.example', why: 'record-unknown' }]);
    expect(policiesIn(await reporting.run({ records: records() }))).toEqual([
      ['no-policy-found mx.host.example', 'tlsa a.example'],
    ]);
  });

  it('are taken back when they are not wanted any more', async () => {
    const reporting = await Reporting.of([tlsa('a.example', undefined)]);
    expect(await reporting.run({ records: records() })).toHaveLength(1);
    expect(await reporting.run({ records: records(), mxHosts: false })).toEqual([]);
  });

  it('leave the own report of a host without them when they are not wanted any more', async () => {
    const reporting = await Reporting.of([tlsa('a.example', undefined), tlsa('mx.host.example', HOST_RECORD)]);
    await reporting.run({ records: records() });
    expect(policiesIn(await reporting.run({ records: records(), mxHosts: false }))).toEqual([['tlsa mx.host.example']]);
  });

  it('are the same in whatever order the hosts are read', async () => {
    const seen = [
      tlsa('a.example', undefined),
      tlsa('b.example', HOST_RECORD),
      tlsa('c.example', undefined, 'mx.other.example'),
      BAD,
    ];
    const [one, other] = [await Reporting.of(seen, IDENTITY), await Reporting.of(seen.slice(2), IDENTITY)];
    other.days.fetch('mx2', seen.slice(0, 2));
    const documents = (reports: readonly StoredReport[]): string[] => reports.map(({ outgoing }) => outgoing.document);
    expect(documents(await other.run({ records: records() }))).toEqual(
      documents(await one.run({ records: records() })),
    );
  });
});
