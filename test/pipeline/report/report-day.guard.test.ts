import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daysBefore, startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DAY } from '#test/support/collected-days.ts';
import { makeNewer } from '#test/support/day-files.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { documentsOf, Reporting } from '#test/support/reporting.ts';

const RECORD = 'v=TLSRPTv1;rua=mailto:tls@good.example';
const [EARLIER, PREVIOUS, NEXT] = [daysBefore(DAY, 2), daysBefore(DAY, 1), daysBefore(DAY, -1)];
const plain = makeDatagram({ domain: 'good.example', record: RECORD });

interface Traffic {
  /** What was seen on the day, and on the one before. */
  readonly datagrams: readonly Buffer[];
  readonly before?: readonly Buffer[];
}

/** Two days on each of which one report mail was delivered to good.example. */
async function withReportMails({ datagrams, before = [plain] }: Traffic): Promise<Reporting> {
  const reporting = await Reporting.of(datagrams);
  reporting.days.collect([plain], { day: EARLIER });
  reporting.days.collect(before, { day: PREVIOUS });
  await reportAndDeliver(reporting, EARLIER);
  await reportAndDeliver(reporting, PREVIOUS);
  reporting.logged.length = 0;
  return reporting;
}

/** The reports about a day, delivered on the next one. Returns how many there were. */
async function reportAndDeliver(reporting: Reporting, day: UtcDay): Promise<number> {
  await reporting.run({ day, loopGuard: false });
  reporting.deliver(day, startOfDayMs(daysBefore(day, -1)) + 1_000);
  return reporting.days.store.outboxes.read(day)?.deliveries.length ?? 0;
}

describe('The loop guard', () => {
  it('leaves out a report when for two days there was nothing but the mails with reports, and says so', async () => {
    const reporting = await withReportMails({ datagrams: [plain] });
    expect(await reporting.run()).toEqual([]);
    expect(reporting.eventNames()).toContain('report-withheld');
    expect(reporting.withheld()).toEqual([{ policyDomain: 'good.example', why: 'only-report-mails' }]);
  });

  it('does so once more without changing a byte', async () => {
    const reporting = await withReportMails({ datagrams: [plain] });
    await reporting.run();
    const before = reporting.days.outboxFiles();
    await reporting.run();
    expect(reporting.days.outboxFiles()).toEqual(before);
  });

  it('hides no real sessions behind the report mails of one day', async () => {
    expect(await (await withReportMails({ datagrams: [plain], before: [plain, plain] })).run()).toHaveLength(1);
  });

  it('lets a report pass when on the day before there were no sessions, or nobody can read them', async () => {
    const silent = makeDatagram({ domain: 'other.example', record: RECORD });
    expect(await (await withReportMails({ datagrams: [plain], before: [silent] })).run()).toHaveLength(1);
    const reporting = await withReportMails({ datagrams: [plain] });
    makeNewer(join(reporting.days.store.path, 'sessions', `${PREVIOUS}.sqlite`));
    expect(await reporting.run()).toHaveLength(1);
  });

  it('lets a report pass on more than that, or on a failure', async () => {
    expect(await (await withReportMails({ datagrams: [plain, plain] })).run()).toHaveLength(1);
    const failed = makeDatagram({ domain: 'good.example', record: RECORD, failures: [{ code: 201 }] });
    expect(await (await withReportMails({ datagrams: [failed] })).run()).toHaveLength(1);
  });

  it('counts the copies of mails', async () => {
    const copied = makeDatagram({ domain: 'copies.example', record: 'v=TLSRPTv1;rua=https://copies.example/' });
    const reporting = await withReportMails({ datagrams: [copied], before: [plain, copied] });
    expect(await reporting.run()).toHaveLength(1);
    expect(await reporting.run({ copyTo: 'tls@copies.example' })).toEqual([]);
  });

  it('ends a loop of reports on reports', async () => {
    const reporting = await Reporting.of([]);
    const reports: number[] = [];
    reporting.days.collect([plain], { day: EARLIER });
    for (const day of [EARLIER, PREVIOUS, DAY, NEXT]) {
      await reporting.run({ day });
      reporting.deliver(day, startOfDayMs(daysBefore(day, -1)) + 1_000);
      const delivered = reporting.days.store.outboxes.read(day)?.deliveries.length ?? 0;
      reports.push(delivered);
      if (delivered > 0) reporting.days.collect([plain], { day: daysBefore(day, -1) });
    }
    expect(reports).toEqual([1, 1, 0, 0]);
  });

  it('can be switched off', async () => {
    expect(await (await withReportMails({ datagrams: [plain] })).run({ loopGuard: false })).toHaveLength(1);
  });

  it('does not keep the results of others from an MX host that got mail for the sake of reports alone', async () => {
    const policy = { 'policy-type': 1, 'policy-domain': 'good.example', 'policy-string': ['3 1 1 aa'], f: 1 };
    const shared = Buffer.from(JSON.stringify({ d: 'b.example', policies: [policy] }));
    const reporting = await withReportMails({ datagrams: [plain, shared] });
    const reports = await reporting.run();
    expect(
      documentsOf(reports).map(({ policies }) => policies.map(({ policy: { 'policy-domain': domain } }) => domain)),
    ).toEqual([['b.example']]);
  });
});
