import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { Outbox } from '#store/outbox/outbox.ts';
import { readOutbox } from '#store/outbox/read-outbox.ts';
import type { DomainChanges, OutboxChange, ReportToSave } from '#store/outbox/outbox-entries.ts';
import { StoreProblem } from '#store/store-problem.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { systemDisk } from '#support/disk.ts';
import { has } from '#test/support/real-parts.ts';
import { rethrow } from '#test/support/rethrow.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { reportFileName } from '#tlsrpt/report-file-name.ts';
import { formatReport } from '#tlsrpt/report-json.ts';
import { reportSummary } from '#tlsrpt/report-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

let context: DatabaseContext;

beforeAll(async () => {
  context = { sqlite: await loadSqlite(), disk: systemDisk };
});

afterEach(healDisk);

function reportOn(policyDomain: string, document: string, destinations = [`mailto:tls@${policyDomain}`]): ReportToSave {
  const reportId = `${DAY}.${policyDomain}@mx.example`;
  return {
    outgoing: {
      reportId,
      policyDomain,
      submitterDomain: 'mx.example',
      fileName: `${policyDomain}.json.gz`,
      document,
      summary: 'text',
    },
    destinations,
    dueMs: 1_000,
  };
}

function ordinaryReport(index: number): ReportToSave {
  const policyDomain = `d${String(index).padStart(7, '0')}.ordinary.example`;
  const uniqueId = createHash('sha256').update(policyDomain).digest('hex').slice(0, 32);
  const subject = `${DAY}.${policyDomain}.${uniqueId}`;
  const reportId = `${subject}@sender.example`;
  const mxHosts = [`mx1.${policyDomain}`, `mx2.${policyDomain}`];
  const strings = ['version: STSv1', 'mode: enforce', ...mxHosts.map((host) => `mx: ${host}`), 'max_age: 604800'];
  const policy = { type: 'sts', domain: policyDomain, strings, mxHosts } as const;
  const policies = [{ policy, successful: index, failed: 0, failures: [] }];
  const submitter = { organizationName: 'Sender', contactInfo: 'tlsrpt@sender.example' };
  const report = { submitter, day: DAY, reportId, policyDomain, policies };
  const fileName = reportFileName({ submitter, day: DAY, policyDomain, uniqueId });
  const names = { reportId, policyDomain, submitterDomain: 'sender.example', fileName };
  const counts = `[["${uniqueId.slice(0, 16)}",${String(index)},0,[]]]`;
  return {
    outgoing: { ...names, document: formatReport(report), summary: reportSummary(report) },
    destinations: [`mailto:tls-reports@${policyDomain}`, `https://reports.${policyDomain}/v1/tlsrpt`],
    reported: { subject, revision: 0, counts, lookedUpRecord: undefined },
    dueMs: 1_000_000_000_000,
  };
}

function changing(policyDomain: string, ...changes: readonly OutboxChange[]): DomainChanges {
  return { policyDomain, changes };
}

function openNew(): { stem: string; outbox: Outbox } {
  const stem = join(scratchDirectory(), DAY);
  return { stem, outbox: Outbox.open(context, stem, DAY) };
}

describe('An outbox', () => {
  it('keeps reports with a queued delivery to each destination', () => {
    const { stem, outbox } = openNew();
    outbox.save([
      reportOn('b.example', '{"n":1}', ['mailto:x@b.example', 'https://b.example/r']),
      reportOn('a.example', '{"n":2}'),
    ]);
    outbox.close();
    const again = Outbox.open(context, stem, DAY);
    expect(
      [...again.reports()].map(({ outgoing, transmissionStarted }) => [
        outgoing.policyDomain,
        outgoing.document,
        transmissionStarted,
      ]),
    ).toEqual([
      ['a.example', '{"n":2}', false],
      ['b.example', '{"n":1}', false],
    ]);
    expect(again.deliveries()).toMatchObject([
      {
        policyDomain: 'a.example',
        destination: 'mailto:tls@a.example',
        state: 'queued',
        attempts: 0,
        nextAttemptMs: 1_000,
      },
      { policyDomain: 'b.example', destination: 'mailto:x@b.example', state: 'queued' },
      { policyDomain: 'b.example', destination: 'https://b.example/r', state: 'queued' },
    ]);
    again.close();
  });

  it('takes 700 bytes for an ordinary report with two destinations', () => {
    const { stem, outbox } = openNew();
    const reports = Array.from({ length: 2_000 }, (_, index) => ordinaryReport(index));
    outbox.replaceReports(
      reports.map((report) => changing(report.outgoing.policyDomain, { kind: 'save', report })),
      rethrow,
    );
    const [stored] = outbox.reportsOn('d0000007.ordinary.example');
    outbox.close();
    const { outgoing, destinations, reported } = ordinaryReport(7);
    expect(stored).toEqual({ outgoing, destinations, reported, transmissionStarted: false });
    expect(statSync(`${stem}.sqlite`).size / reports.length).toBeLessThan(700);
  });

  it('replaces a report that is saved again, with its deliveries', () => {
    const { outbox } = openNew();
    outbox.save([reportOn('a.example', '"old"', ['mailto:old@a.example', 'mailto:other@a.example'])]);
    outbox.save([reportOn('a.example', '"new"', ['mailto:new@a.example'])]);
    expect([...outbox.reports()].map(({ outgoing }) => outgoing.document)).toEqual(['"new"']);
    expect(outbox.deliveries().map(({ destination }) => destination)).toEqual(['mailto:new@a.example']);
    outbox.close();
  });

  it('remembers that the transmission of a report started, and what came of it', () => {
    const { stem, outbox } = openNew();
    const report = reportOn('a.example', '"document"');
    const { reportId } = report.outgoing;
    outbox.save([report]);
    outbox.startTransmission([reportId]);
    const [destination = ''] = report.destinations;
    const result = {
      reportId,
      destination,
      state: 'deferred',
      attempts: 1,
      firstAttemptMs: 5,
      lastResult: '451 "later"',
      nextAttemptMs: 9,
    } as const;
    outbox.noteResult(result);
    outbox.checkpoint();
    outbox.noteResult({ ...result, state: 'delivered', attempts: 2, lastResult: '250 ok', nextAttemptMs: undefined });
    outbox.close();
    const again = Outbox.open(context, stem, DAY);
    expect(again.report(reportId)).toMatchObject({ transmissionStarted: true });
    expect(again.deliveries()).toEqual([
      {
        ...result,
        policyDomain: 'a.example',
        submitterDomain: 'mx.example',
        state: 'delivered',
        attempts: 2,
        lastResult: '250 ok',
        nextAttemptMs: undefined,
      },
    ]);
    again.close();
  });

  it('holds all of the reports that are saved together, or none of them', () => {
    const { stem, outbox } = openNew();
    failDisk({ call: 'writeSync', errno: 'ENOSPC', takesBytes: 100 });
    expect(() => {
      outbox.save([reportOn('a.example', '"one"'), reportOn('b.example', '"two"')]);
    }).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(readOutbox(context, stem)).toEqual({ reports: [], deliveries: [], withheld: [] });
    healDisk();
    outbox.save([reportOn('a.example', '"one"'), reportOn('b.example', '"two"')]);
    expect(readOutbox(context, stem)?.reports).toHaveLength(2);
    outbox.close();
  });

  it('takes a report back, unless it was transmitted', () => {
    const { outbox } = openNew();
    const [one, other] = [reportOn('a.example', '"one"'), reportOn('b.example', '"two"')];
    outbox.save([one, other]);
    outbox.startTransmission([other.outgoing.reportId]);
    const withdrawals = [one, other].map(({ outgoing: { policyDomain, reportId } }) =>
      changing(policyDomain, { kind: 'withdraw', reportId }),
    );
    expect(outbox.replaceReports(withdrawals, rethrow)).toBe(2);
    expect([...outbox.reports()].map(({ outgoing }) => outgoing.policyDomain)).toEqual(['b.example']);
    expect(outbox.deliveries().map(({ policyDomain }) => policyDomain)).toEqual(['b.example']);
    outbox.close();
  });

  it('remembers on which domains there is no report, and why, until there is one', () => {
    const { stem, outbox } = openNew();
    const withheld = (policyDomain: string): DomainChanges =>
      changing(policyDomain, { kind: 'withhold', withholding: { policyDomain, why: 'record-unknown' } });
    outbox.replaceReports([withheld('b.example'), withheld('a.example')], rethrow);
    const ended = changing('b.example', { kind: 'end-withholding', policyDomain: 'b.example' });
    outbox.replaceReports([ended], rethrow);
    expect(outbox.withheld()).toEqual([{ policyDomain: 'a.example', why: 'record-unknown' }]);
    outbox.close();
    expect(readOutbox(context, stem)?.withheld).toEqual([{ policyDomain: 'a.example', why: 'record-unknown' }]);
  });

  it.runIf(has('sqlite3'))(
    'keeps what collides with the report of another domain out, and stores everything else',
    () => {
      const { stem, outbox } = openNew();
      const saved = (report: ReportToSave): OutboxChange => ({ kind: 'save', report });
      const [one, other, third] = ['a.example', 'b.example', 'c.example'].map((domain) => reportOn(domain, '{}'));
      if (!one || !other || !third) throw new Error('three reports were made');
      const { reportId } = one.outgoing;
      const reported = { subject: 'b', revision: 1, counts: '[]', lookedUpRecord: undefined };
      const colliding = { ...other, outgoing: { ...other.outgoing, reportId }, reported };
      const before = changing('b.example', saved(other));
      expect(outbox.replaceReports([before], rethrow)).toBe(1);
      const refused: unknown[] = [];
      const domains = [
        changing('a.example', saved(one)),
        changing('b.example', saved(other), saved(colliding)),
        changing('c.example', saved(third)),
      ];
      outbox.replaceReports(domains, (policyDomain, failure) => {
        refused.push([policyDomain, String(failure)]);
        return { why: 'not-built', detail: 'collides' };
      });
      expect(refused).toEqual([['b.example', expect.stringContaining('UNIQUE constraint failed: reports.report_id')]]);
      expect([...outbox.reports()].map(({ outgoing }) => [outgoing.policyDomain, outgoing.document])).toEqual([
        ['a.example', '{}'],
        ['c.example', '{}'],
      ]);
      expect(outbox.deliveries().map(({ destination }) => destination)).toEqual([
        'mailto:tls@a.example',
        'mailto:tls@c.example',
      ]);
      expect(outbox.withheld()).toEqual([{ policyDomain: 'b.example', why: 'not-built', detail: 'collides' }]);
      outbox.close();
      const check = ['-readonly', `${stem}.sqlite`, 'PRAGMA integrity_check'];
      expect(execFileSync('sqlite3', check, { encoding: 'utf8' }).trim()).toBe('ok');
    },
  );

  it.each([
    ['submitter_domain TEXT', 'submitter_domaio TEXT'],
    ['CREATE TABLE withheld', 'CREATE TABLE withhelt'],
  ])('is damaged when the schema in it is another: %s', (written, found) => {
    const { stem, outbox } = openNew();
    outbox.save([reportOn('a.example', '{}')]);
    outbox.checkpoint();
    outbox.close();
    const text = readFileSync(`${stem}.sqlite`, 'latin1').replace(written, found);
    writeFileSync(`${stem}.sqlite`, text, 'latin1');
    expect(() => readOutbox(context, stem)).toThrow(StoreProblem);
  });

  it('keeps a report and its supplements side by side', () => {
    const { outbox } = openNew();
    const revision = (number: number, document: string): ReportToSave => {
      const report = reportOn('a.example', document);
      const reportId = `${report.outgoing.reportId}-${String(number)}`;
      const reported = { subject: 'a', revision: number, counts: '[]', lookedUpRecord: undefined };
      return { ...report, outgoing: { ...report.outgoing, reportId }, reported };
    };
    outbox.save([revision(0, '"report"'), revision(1, '"old supplement"')]);
    outbox.save([revision(1, '"supplement"')]);
    expect(
      outbox.reportsOn('a.example').map(({ outgoing, reported }) => [reported.revision, outgoing.document]),
    ).toEqual([
      [0, '"report"'],
      [1, '"supplement"'],
    ]);
    expect(outbox.reportsOn('b.example')).toEqual([]);
    expect(outbox.deliveries()).toHaveLength(2);
    expect(outbox.countReports()).toBe(2);
    outbox.close();
  });

  it('can be opened by the same process once a disk that had no room for its first line has some', () => {
    const stem = join(scratchDirectory(), DAY);
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: `/${DAY}.1.journal` });
    for (let attempts = 0; attempts < 2; attempts += 1)
      expect(() => Outbox.open(context, stem, DAY)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    healDisk();
    Outbox.open(context, stem, DAY).close();
  });

  it.runIf(has('sqlite3'))('can be looked at while it is worked on, by sqlite3 too after a checkpoint', () => {
    const { stem, outbox } = openNew();
    outbox.save([reportOn('a.example', '"one"')]);
    expect(readOutbox(context, stem)).toMatchObject({
      reports: [{ policyDomain: 'a.example' }],
      deliveries: [{ state: 'queued' }],
    });
    outbox.checkpoint();
    const ask = (sql: string): string => execFileSync('sqlite3', [`${stem}.sqlite`, sql], { encoding: 'utf8' }).trim();
    expect([
      ask('PRAGMA integrity_check'),
      ask('SELECT policy_domain FROM reports'),
      ask('SELECT day FROM day'),
    ]).toEqual(['ok', 'a.example', DAY]);
    outbox.close();
    expect(readOutbox(context, join(scratchDirectory(), DAY))).toBeUndefined();
  });
});
