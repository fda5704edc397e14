import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { reportsOf } from '#sys4/move/move-reports.ts';
import type { MovedReports } from '#sys4/move/move-reports.ts';
import { ReportdDatabase } from '#sys4/move/reportd-database.ts';
import { DAY } from '#test/support/collected-days.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { built, seen } from '#test/support/sys4-installation.ts';
import { reportdDatabase } from '#test/support/sys4-reportd.ts';
import type { BuiltReport } from '#test/support/sys4-reportd.ts';

async function read(reports: readonly BuiltReport[]): Promise<MovedReports> {
  const path = join(scratchDirectory(), 'reportd.sqlite');
  writeFileSync(path, await reportdDatabase(reports));
  const opening = ReportdDatabase.open(await Store.open(scratchDirectory()), path);
  if (opening.kind === 'damaged') throw new Error(opening.why);
  try {
    return reportsOf(opening.database, DAY);
  } finally {
    opening.database.close();
  }
}

function about(domain: string, deliveries: BuiltReport['deliveries']): BuiltReport {
  return built(seen(domain, 2), domain, deliveries);
}

const SENT = { 'mailto:tls@a.example': 'sent' };
const WAITING = { 'mailto:tls@a.example': null };

/** By domain. */
function summary({ reports, ...rest }: MovedReports): unknown {
  return { ...rest, reports: reports.map(({ policyDomain }) => policyDomain) };
}

describe('reportsOf', () => {
  it.each(['Mail Team <tls@sender.example>', 'mailto:tls@sender.example', '<tls@sender.example>'])(
    'takes the address out of the contact %s, and leaves the document as it is',
    async (contact) => {
      const report = about('a.example', SENT);
      const document = report.document.replace('"tls@sender.example"', JSON.stringify(contact));
      const { reports, unreadable } = await read([{ ...report, document }]);
      expect(unreadable).toEqual([]);
      expect(reports).toMatchObject([{ document, submitter: { contactInfo: 'tls@sender.example' } }]);
    },
  );

  it('leaves to our own report what sys4 built for nobody', async () => {
    expect(summary(await read([about('a.example', SENT), about('b.example', {})]))).toEqual({
      reports: ['a.example'],
      toBuildAnew: 1,
      unreadable: [],
      unusable: [],
    });
  });

  it.each<[string, BuiltReport['deliveries']]>([
    ['gave up, as it knew no such destination', { 'ftp://b.example/x': 'unknownrua', 'tls@b.example': 'unknownrua' }],
    ['has still to find out that it knows no such destination', { 'sms:+123': null }],
  ])('leaves to our own report what sys4 %s', async (_, deliveries) => {
    const { reports, toBuildAnew } = await read([
      about('b.example', deliveries),
      about('c.example', { ...deliveries, 'mailto:tls@c.example': 'timedout' }),
    ]);
    expect([reports.map(({ policyDomain }) => policyDomain), toBuildAnew]).toEqual([['c.example'], 1]);
  });

  it('takes a report that tells of fewer sessions than none, as sys4 builds it where more failed than there were', async () => {
    const report = about('a.example', SENT);
    const document = report.document.replace(
      '"total-successful-session-count":1',
      '"total-successful-session-count":-1',
    );
    const { reports, unreadable } = await read([{ ...report, document }]);
    expect(unreadable).toEqual([]);
    expect(reports[0]?.policies).toMatchObject([{ successful: 0, failed: 1 }]);
  });

  it('takes what was delivered with a contact that has no domain, and leaves to our own report what waits for mail servers', async () => {
    const withContact = (report: BuiltReport): BuiltReport => ({
      ...report,
      document: report.document.replace('"tls@sender.example"', '"https://sender.example/contact"'),
    });
    const both = { 'https://c.example/v1': 'sent', 'mailto:tls@c.example': null };
    const { reports, toBuildAnew, unreadable } = await read(
      [
        about('a.example', { 'https://a.example/v1': 'sent' }),
        about('b.example', WAITING),
        about('c.example', both),
      ].map(withContact),
    );
    expect([unreadable, toBuildAnew]).toEqual([[], 1]);
    expect(reports.map(({ policyDomain, deliveries }) => [policyDomain, deliveries.map(({ state }) => state)])).toEqual(
      [
        ['a.example', ['delivered']],
        ['c.example', ['delivered', 'refused']],
      ],
    );
  });

  it('leaves to our own report what waits under a report-id that no mail can carry, and keeps what was sent under such', async () => {
    const [waiting, sent] = [about('bücher.example', WAITING), about('straße.example', SENT)];
    expect(summary(await read([waiting, sent]))).toEqual({
      reports: ['xn--strae-oqa.example'],
      toBuildAnew: 1,
      unreadable: [],
      unusable: [],
    });
  });

  it('refuses by mail alone what waits under such a report-id, and was delivered to others', async () => {
    const { reports } = await read([
      about('bücher.example', { ...SENT, 'mailto:b@a.example': null, 'https://a.example/v1': null }),
    ]);
    expect(reports[0]?.deliveries.map(({ destination, state }) => [destination, state])).toEqual([
      ['https://a.example/v1', 'queued'],
      ['mailto:b@a.example', 'refused'],
      ['mailto:tls@a.example', 'delivered'],
    ]);
  });

  it.each(['x/../../pwn', 'under_score.example', '[192.0.2.7]', ''])('takes nothing about %j', async (domain) => {
    const report = about('a.example', WAITING);
    expect(summary(await read([{ ...report, domain }, about('b.example', SENT)]))).toEqual({
      reports: ['b.example'],
      toBuildAnew: 0,
      unreadable: [],
      unusable: [domain],
    });
  });

  it('takes the first of two reports with one report-id, and names the other', async () => {
    const report = about('a.example', SENT);
    expect(summary(await read([report, { ...report, domain: 'b.example' }]))).toEqual({
      reports: ['a.example'],
      toBuildAnew: 0,
      unreadable: ['b.example'],
      unusable: [],
    });
  });
});
