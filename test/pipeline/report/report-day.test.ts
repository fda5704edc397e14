import { describe, expect, it } from 'vitest';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import { DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeRecords } from '#test/support/fake-records.ts';
import { BAD, documentsOf, failuresIn, GOOD, Reporting } from '#test/support/reporting.ts';

describe('reportDay', () => {
  it('puts a report for each domain into the outbox, with a delivery to each address', async () => {
    const reporting = await Reporting.of([GOOD, GOOD, BAD]);
    const reports = await reporting.run();
    expect(reports.map(({ outgoing }) => outgoing.policyDomain)).toEqual(['bad.example', 'good.example']);
    expect(reports.every(({ transmissionStarted }) => !transmissionStarted)).toBe(true);
    expect(reporting.deliveries()).toEqual([
      ['mailto:tls@bad.example', 'queued', MORNING_MS],
      ['mailto:tls@good.example', 'queued', MORNING_MS],
      ['https://good.example/r', 'queued', MORNING_MS],
    ]);
    expect(reporting.eventNames()).toEqual(['reports-built']);
  });

  it('names the document, the mail and the file alike', async () => {
    const [report] = await (await Reporting.of([BAD])).run();
    const [document] = documentsOf(report ? [report] : []);
    expect(document?.['report-id']).toBe(report?.outgoing.reportId);
    expect(report?.outgoing).toMatchObject({ policyDomain: 'bad.example', submitterDomain: 'sender.example' });
    expect(report?.outgoing.fileName).toMatch(
      /^sender\.example!bad\.example!1795046400!1795132799![0-9a-f]{32}\.json\.gz$/,
    );
    expect(report?.outgoing.summary).toContain('bad.example');
  });

  it('reports the whole of a policy as it was published, and each of its failures', async () => {
    const mx = Array.from({ length: 1_000 }, (_, index) => `mx${String(index)}.a.example`);
    const lines = ['version: STSv1', '', '\tmode: enforce ', ...mx.map((host) => `mx: ${host}`), 'x'.repeat(100_000)];
    const failures = mx.slice(0, 256).map((n, index) => ({ c: 204, n, r: `2001:db8::${index.toString(16)}` }));
    const policy = { 'policy-type': 2, 'policy-string': lines, 'mx-host': mx, 'failure-details': failures, f: 1 };
    const pr = 'v=TLSRPTv1;rua=mailto:tls@a.example';
    const datagram = Buffer.from(JSON.stringify({ d: 'a.example', pr, policies: [policy] }));
    const [document] = documentsOf(await (await Reporting.of([datagram])).run());
    const [reported] = document?.policies ?? [];
    expect(reported?.policy['policy-string']).toEqual(lines);
    expect(reported?.policy['mx-host']).toEqual(mx);
    expect(new Set(reported?.['failure-details']?.map((details) => details['receiving-ip'])).size).toBe(256);
  });

  it('makes deliveries due at random moments within the spread', async () => {
    const reporting = await Reporting.of([GOOD]);
    await reporting.run({ spreadMs: 14_400_000, random: () => 0.5 });
    expect(reporting.deliveries().map(([, , dueMs]) => dueMs)).toEqual([
      MORNING_MS + 7_200_000,
      MORNING_MS + 7_200_000,
    ]);
  });

  it('leaves out what cannot be read of a day of another host, says so, and reports the rest', async () => {
    const reporting = await Reporting.of([GOOD]);
    reporting.days.fetch('mx2', [GOOD, BAD]);
    const context = { sqlite: await loadSqlite(), disk: systemDisk };
    changeInPlace(context, reporting.days.store.fetched.fileOf('mx2', DAY), (database) => {
      database.execute("UPDATE policies SET failed_sessions = 'x' WHERE domain = 'bad.example'");
    });
    expect((await reporting.run()).map(({ outgoing }) => outgoing.policyDomain)).toEqual(['good.example']);
    expect(reporting.logged).toMatchObject([
      { name: 'reports-built' },
      { name: 'sessions-left-out', facts: { source: 'mx2', why: ['1 of its rows cannot be read'] } },
    ]);
  });

  it('makes no outbox for a day on which nothing was collected', async () => {
    const reporting = await Reporting.of([]);
    expect(await reporting.run()).toEqual([]);
    expect(reporting.logged).toEqual([]);
    expect(reporting.days.store.outboxes.read(DAY)).toBeUndefined();
  });

  it('removes the files of days that are older than keep_days', async () => {
    const reporting = await Reporting.of([GOOD]);
    for (const day of ['2026-10-01', '2026-11-18'])
      reporting.days.fetch('mx2', [GOOD], { day: parseUtcDay(day) ?? DAY });
    await reporting.days.letPass(86_400_000);
    await reporting.run({ keepDays: 1 });
    expect(reporting.days.store.fetched.days('mx2')).toEqual(['2026-11-18']);
    expect(reporting.days.store.sessions.days()).toEqual([DAY]);
  });
});

describe('a second run of reportDay', () => {
  it('changes not one byte of the outbox and returns the same reports', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    const first = await reporting.run();
    const before = reporting.days.outboxFiles();
    const second = await reporting.run({
      clock: { nowMs: () => MORNING_MS + 3_600_000 },
      random: () => 0.9,
      spreadMs: 1_000,
    });
    expect(second).toEqual(first);
    expect(reporting.days.outboxFiles()).toEqual(before);
    expect(reporting.eventNames()).toEqual(['reports-built']);
  });

  it('replaces what was built under another contact, as long as it was not transmitted', async () => {
    const reporting = await Reporting.of([GOOD]);
    await reporting.run({ submitter: { organizationName: 'Sender', contactInfo: 'root@unset.localdomain' } });
    const [report, ...others] = await reporting.run();
    expect(others).toEqual([]);
    expect(report?.outgoing.submitterDomain).toBe('sender.example');
    expect(reporting.deliveries()).toHaveLength(2);
  });

  it('reports the same sessions once, also when the contact was set anew after they were transmitted', async () => {
    const reporting = await Reporting.of([GOOD]);
    const first = await reporting.run();
    reporting.startTransmission(first);
    const second = await reporting.run({ submitter: { organizationName: 'Sender', contactInfo: 'tls@new.example' } });
    expect(second.map(({ outgoing }) => outgoing)).toEqual(first.map(({ outgoing }) => outgoing));
    expect(reporting.deliveries()).toHaveLength(2);
  });

  it('changes nothing after the reports were transmitted either', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    reporting.startTransmission(await reporting.run());
    const before = reporting.days.outboxFiles();
    await reporting.run();
    expect(reporting.days.outboxFiles()).toEqual(before);
    expect(reporting.eventNames()).toEqual(['reports-built']);
  });

  it('builds a report anew for sessions that turned up before it was transmitted', async () => {
    const reporting = await Reporting.of([BAD]);
    const [before] = await reporting.run();
    reporting.days.fetch('mx2', [BAD, BAD]);
    const after = await reporting.run();
    expect(failuresIn(after)).toEqual([3]);
    expect(after[0]?.outgoing.reportId).toBe(before?.outgoing.reportId);
    expect(reporting.deliveries()).toHaveLength(1);
  });

  it('keeps reports on other domains when it builds one', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    const before = await reporting.run();
    expect(await reporting.run({ domains: ['bad.example'] })).toEqual(before);
    expect(reporting.deliveries()).toHaveLength(3);
  });
});

describe('reportDay for some domains', () => {
  it('builds the reports on those alone, and the others another time', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    expect(await reporting.run({ domains: ['good.example', 'absent.example'] })).toHaveLength(1);
    expect(reporting.deliveries().map(([destination]) => destination)).toEqual([
      'mailto:tls@good.example',
      'https://good.example/r',
    ]);
    expect(await reporting.run()).toHaveLength(2);
  });

  it('says of which there were no sessions, and why there is no report on the others', async () => {
    const reporting = await Reporting.of([GOOD, makeDatagram({ domain: 'odd.example', record: 'v=TLSRPTv1' })]);
    await reporting.run({ domains: ['absent.example', 'odd.example'] });
    expect(reporting.logged.map(({ level, name, facts }) => [level, name, facts['policyDomain']])).toEqual([
      ['warning', 'no-reporting-address', 'odd.example'],
      ['warning', 'domain-not-seen', 'absent.example'],
    ]);
  });

  it('looks up no records but those it needs', async () => {
    const without = (d: string): Buffer => Buffer.from(JSON.stringify({ d, policies: [{ 'policy-type': 9, f: 0 }] }));
    const reporting = await Reporting.of([without('a.example'), without('b.example')]);
    const records = new FakeRecords();
    await reporting.run({ domains: ['b.example'], records });
    expect(records.asked).toEqual(['b.example']);
  });
});
