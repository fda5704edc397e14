import { describe, expect, it } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { BAD, failuresIn, GOOD, Reporting } from '#test/support/reporting.ts';

describe('Sessions that turn up after a report was transmitted', () => {
  it('go into a supplement with a name of its own, which holds what is new alone', async () => {
    const reporting = await Reporting.of([BAD]);
    const [first] = await reporting.run();
    reporting.startTransmission(await reporting.reports());
    reporting.days.fetch('mx2', [BAD, BAD]);
    const reports = await reporting.run();
    expect(failuresIn(reports)).toEqual([1, 2]);
    expect(reports[0]?.outgoing).toEqual(first?.outgoing);
    const [id, supplementId] = reports.map(({ outgoing }) => outgoing.reportId.split('@')[0]);
    expect(supplementId).toBe(`${String(id)}r1`);
    expect(reports[1]?.outgoing.fileName).toMatch(/![0-9a-z]+r1\.json\.gz$/);
    expect(reporting.deliveries()).toHaveLength(2);
  });

  it('are told once, however often they are looked at', async () => {
    const reporting = await Reporting.of([BAD]);
    await reporting.run();
    reporting.startTransmission(await reporting.reports());
    reporting.days.fetch('mx2', [BAD]);
    await reporting.run();
    const before = reporting.days.outboxFiles();
    await reporting.run();
    expect(reporting.days.outboxFiles()).toEqual(before);
    reporting.startTransmission(await reporting.reports());
    await reporting.run();
    expect(await reporting.reports()).toHaveLength(2);
  });

  it('are added to a supplement that was not transmitted, and go into the next one otherwise', async () => {
    const reporting = await Reporting.of([BAD]);
    await reporting.run();
    reporting.startTransmission(await reporting.reports());
    reporting.days.fetch('mx2', [BAD]);
    await reporting.run();
    reporting.days.fetch('mx3', [BAD, BAD]);
    expect(failuresIn(await reporting.run())).toEqual([1, 3]);
    reporting.startTransmission(await reporting.reports());
    reporting.days.fetch('mx4', [BAD, BAD, BAD, BAD]);
    expect(failuresIn(await reporting.run())).toEqual([1, 3, 4]);
  });

  it('make no supplement when nothing failed in them and such reports are skipped', async () => {
    const reporting = await Reporting.of([BAD]);
    await reporting.run({ successOnly: 'skip' });
    reporting.startTransmission(await reporting.reports());
    reporting.days.fetch('mx2', [
      makeDatagram({ domain: 'bad.example', record: 'v=TLSRPTv1;rua=mailto:tls@bad.example' }),
    ]);
    expect(await reporting.run({ successOnly: 'skip' })).toHaveLength(1);
    expect(await reporting.run({ successOnly: 'send' })).toHaveLength(2);
  });
});

describe('A report that was not transmitted', () => {
  it('is taken back once it is not wanted any more', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    await reporting.run();
    const reports = await reporting.run({ successOnly: 'skip' });
    expect(reports.map(({ outgoing }) => outgoing.policyDomain)).toEqual(['bad.example']);
    expect(reporting.deliveries()).toHaveLength(1);
  });

  it('stays when it was transmitted', async () => {
    const reporting = await Reporting.of([GOOD]);
    await reporting.run();
    reporting.startTransmission(await reporting.reports());
    expect(await reporting.run({ successOnly: 'skip' })).toHaveLength(1);
  });
});
