import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { run } from '#test/support/run-program.ts';
import {
  built,
  deliveriesOn,
  install,
  moved,
  newlyReported,
  seen,
  sessionsOn,
  TODAY,
} from '#test/support/sys4-installation.ts';
import { sys4Report } from '#test/support/sys4-reportd.ts';
import { sys4Collect, sys4Database } from '#test/support/sys4.ts';

const CONTACT = ['--contact', 'tls@sender.example', '--organization', 'Sender'];

describe('tlsrpt report after tlsrpt import sys4', () => {
  it('names in a dry run what the old reporter built, and a supplement of what it did not report', async () => {
    const yesterday = [...seen('sent.example', 3), ...seen('more.example', 2), ...seen('new.example', 1)];
    const reports = [
      built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' }),
      built(seen('more.example', 1), 'more.example', { 'mailto:tls@more.example': 'sent' }),
    ];
    const directory = await install({ yesterday, reports });
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    const shown = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await run(['report', '--day', DAY, ...CONTACT, ...words], { stateDir: store.path });
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .sort();
    };
    const before = await shown('--dry-run');
    expect(before.map((line) => line.replace(/ -> .*?( in the outbox already)?\)$/, '$1'))).toEqual([
      'more.example',
      'more.example in the outbox already',
      'new.example',
      'sent.example in the outbox already',
    ]);
    await shown();
    const ids = (lines: string[]): (string | undefined)[] => lines.map((line) => /\(([^,)]*)/.exec(line)?.[1]).sort();
    const { reports: stored = [] } = (await Store.open(store.path)).outboxes.read(DAY) ?? {};
    expect(ids(before)).toEqual(stored.map(({ reportId }) => reportId).sort());
    expect((await shown('--dry-run', '--domain', 'sent.example')).length).toBe(1);
  });

  it('reports what sys4 built for nobody, or under a report-id that no mail can carry, and nothing else again', async () => {
    const umlaut = makeDatagram({ domain: 'bücher.example', record: 'v=TLSRPTv1;rua=mailto:tls@sent.example' });
    const yesterday = [...seen('sent.example', 2), ...seen('blank.example', 2), umlaut, umlaut];
    const reports = [
      built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' }),
      built(yesterday, 'blank.example', {}),
      built(yesterday, 'bücher.example', { 'mailto:tls@xn--bcher-kva.example': null }),
    ].map((report) => ({
      ...report,
      document: report.document.replace('"tls@sender.example"', '"Mail Team <tls@sender.example>"'),
    }));
    const directory = await install({ yesterday, reports });
    const { store } = await CollectedDays.make();
    const { code, stdout, stderr } = await moved(directory, store.path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('moved, 1 delivered, 2 left to tlsrpt report, as nobody was to get them\n');
    await run(['report', '--day', DAY, ...CONTACT], { stateDir: store.path });
    expect(await newlyReported(store.path, DAY)).toEqual({ 'blank.example': 2, 'xn--bcher-kva.example': 2 });
    expect(await deliveriesOn(store.path, DAY)).toContain('mailto:tls@sent.example delivered');
  });

  it.each([
    { reported: 'to one of the addresses', destination: 'mailto:tls@sent.example' },
    { reported: 'elsewhere', destination: 'mailto:all@gateway.example' },
  ])(
    'counts what the old reporter reported once, $reported, where two records ask for reports of a domain',
    async ({ destination }) => {
      const toOne = seen('sent.example', 3);
      const toOther = seen('sent.example', 3, 'v=TLSRPTv1;rua=https://sent.example/v1');
      const reports = [built(toOne, 'sent.example', { [destination]: 'sent' })];
      const directory = await install({ yesterday: [...toOne, ...toOther], reports });
      const { store } = await CollectedDays.make();
      await moved(directory, store.path);
      const { stdout } = await run(['report', '--day', DAY, ...CONTACT, '--dry-run'], { stateDir: store.path });
      expect(stdout.match(/^sent\.example /gm)).toHaveLength(2);
      await run(['report', '--day', DAY, ...CONTACT], { stateDir: store.path });
      expect(await newlyReported(store.path, DAY)).toEqual({ 'sent.example': 3 });
    },
  );

  it('leaves out what the old reporter has about names that are no domain names', async () => {
    const yesterday = seen('sent.example', 2);
    const report = built(yesterday, 'sent.example', { 'directory:/nowhere/out': null });
    const directory = await install({ yesterday, reports: [{ ...report, domain: 'x/../../pwn' }] });
    const { store } = await CollectedDays.make();
    const { code, stderr } = await moved(directory, store.path);
    expect(code).toBe(0);
    expect(stderr).toContain('warning names-left-out: ');
    expect(stderr).toContain('they are left out: "x/../../pwn".');
    expect(await deliveriesOn(store.path, DAY)).toEqual([]);
  });

  it('leaves the sessions of a day in which two reports have one report-id, and names the second', async () => {
    const yesterday = seen('a.example', 2);
    const report = built(yesterday, 'a.example', { 'mailto:tls@a.example': 'sent' });
    const directory = await install({ yesterday, today: seen('a.example', 1), reports: [report, report] });
    const { store } = await CollectedDays.make();
    const { code, stderr } = await moved(directory, store.path);
    expect(code).toBe(65);
    expect(stderr).toContain('or have the report-id of another one: a.example. ');
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@a.example delivered']);
    expect([await sessionsOn(store.path, DAY), await sessionsOn(store.path, TODAY)]).toEqual([0, 1]);
  });

  it('costs a row whose counts cannot be nothing but itself, also where the old reporter reported it', async () => {
    const tally = sys4Collect([...seen('a.example', 2), ...seen('odd.example', 1)]);
    for (const counts of tally.get('odd.example')?.values() ?? [])
      for (const count of counts.values()) count.cntrfailure = 2;
    const deliveries = { 'mailto:tls@odd.example': 'sent' };
    const directory = await install({
      reports: [{ day: DAY, domain: 'odd.example', document: sys4Report(tally, 'odd.example', DAY), deliveries }],
    });
    writeFileSync(join(directory, 'collectd.sqlite.yesterday'), await sys4Database(tally, { day: DAY }));
    const { store } = await CollectedDays.make();
    const { code, stderr } = await moved(directory, store.path);
    expect([code, await sessionsOn(store.path, DAY)]).toEqual([0, 2]);
    expect(stderr).toContain('a policy of "odd.example" with 2 failed of 1 sessions');
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@odd.example delivered']);
  });

  it('reports nothing again of a failure whose code nobody knows', async () => {
    const yesterday = [makeDatagram({ domain: 'odd.example', failures: [{ code: 999, receivingIp: '192.0.2.1' }] })];
    const directory = await install({
      yesterday,
      reports: [built(yesterday, 'odd.example', { 'mailto:tls@odd.example': 'sent' })],
    });
    const { store } = await CollectedDays.make();
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    await run(['report', '--day', DAY, ...CONTACT], { stateDir: store.path });
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@odd.example delivered']);
  });
});
