import { describe, expect, it } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { GOOD, Reporting } from '#test/support/reporting.ts';

describe('The identity of a report', () => {
  it('is told apart from that of a domain that was chosen to have the same first 48 bits', async () => {
    const rest = `${`${'x'.repeat(60)}.`.repeat(3)}example`;
    const chosen = ['0008398631', '0026356833'].map((label) => `${label}.${rest}`);
    const record = 'v=TLSRPTv1;rua=mailto:tls@collision.example';
    const reporting = await Reporting.of([GOOD, ...chosen.map((domain) => makeDatagram({ domain, record }))]);
    const reports = await reporting.run();
    expect(reports.map(({ outgoing }) => outgoing.policyDomain)).toEqual([...chosen, 'good.example']);
    expect(new Set(reports.map(({ outgoing }) => outgoing.reportId)).size).toBe(3);
    expect(new Set(reports.map(({ outgoing }) => outgoing.fileName)).size).toBe(3);
  });

  it('is another on each of two hosts that report on their own under one contact', async () => {
    const [one, other] = [await Reporting.of([GOOD]), await Reporting.of([GOOD, GOOD])];
    const [[first], [second]] = [await one.run(), await other.run()];
    expect(first?.outgoing.document).not.toBe(second?.outgoing.document);
    expect(first?.outgoing.reportId).not.toBe(second?.outgoing.reportId);
    expect(first?.outgoing.fileName).not.toBe(second?.outgoing.fileName);
  });
});
