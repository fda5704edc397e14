import { describe, expect, it } from 'vitest';
import { daysBefore, startOfDayMs } from '#tlsrpt/utc-day.ts';
import { DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { documentsOf, Reporting } from '#test/support/reporting.ts';

describe('The loop guard', () => {
  const RECORD = 'v=TLSRPTv1;rua=mailto:tls@good.example';
  const PREVIOUS = daysBefore(DAY, 1);
  const plain = makeDatagram({ domain: 'good.example', record: RECORD });

  /** A day on which one report mail was delivered to good.example. */
  async function withReportMail(datagrams: readonly Buffer[]): Promise<Reporting> {
    const reporting = await Reporting.of(datagrams);
    reporting.days.collect([plain], { day: PREVIOUS });
    await reporting.run({ day: PREVIOUS });
    reporting.deliver(PREVIOUS, startOfDayMs(DAY) + 1_000);
    reporting.logged.length = 0;
    return reporting;
  }

  it('leaves out a report on nothing but the mails with reports, and says so', async () => {
    const reporting = await withReportMail([plain]);
    expect(await reporting.run()).toEqual([]);
    expect(reporting.eventNames()).toContain('report-withheld');
    expect(reporting.withheld()).toEqual([{ policyDomain: 'good.example', why: 'only-report-mails' }]);
  });

  it('does so once more without changing a byte', async () => {
    const reporting = await withReportMail([plain]);
    await reporting.run();
    const before = reporting.days.outboxFiles();
    await reporting.run();
    expect(reporting.days.outboxFiles()).toEqual(before);
  });

  it('lets a report pass on more than that, or on a failure', async () => {
    expect(await (await withReportMail([plain, plain])).run()).toHaveLength(1);
    const failed = makeDatagram({ domain: 'good.example', record: RECORD, failures: [{ code: 201 }] });
    expect(await (await withReportMail([failed])).run()).toHaveLength(1);
  });

  it('can be switched off', async () => {
    expect(await (await withReportMail([plain])).run({ loopGuard: false })).toHaveLength(1);
  });

  it('does not keep the results of others from an MX host that got mail for the sake of reports alone', async () => {
    const policy = { 'policy-type': 1, 'policy-domain': 'good.example', 'policy-string': ['3 1 1 aa'], f: 1 };
    const shared = Buffer.from(JSON.stringify({ d: 'b.example', policies: [policy] }));
    const reporting = await withReportMail([plain, shared]);
    const reports = await reporting.run();
    expect(
      documentsOf(reports).map(({ policies }) => policies.map(({ policy: { 'policy-domain': domain } }) => domain)),
    ).toEqual([['b.example']]);
  });
});
