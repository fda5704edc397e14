import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { Outbox } from '#store/outbox/outbox.ts';
import type { Reported, ReportToSave } from '#store/outbox/outbox-entries.ts';
import { packTexts } from '#store/outbox/report-content.ts';
import { ProblemOfOne } from '#support/problem.ts';
import { systemDisk } from '#support/disk.ts';
import { has } from '#test/support/real-parts.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

function reportOn(policyDomain: string): ReportToSave & { readonly reported: Reported } {
  const names = { policyDomain, submitterDomain: 'mx.example', fileName: 'a.json.gz' };
  return {
    outgoing: { ...names, reportId: `${policyDomain}@mx.example`, document: '{"count":10}', summary: 'text' },
    destinations: [`mailto:tls@${policyDomain}`, 'https://reports.example/'],
    reported: { subject: 'a', revision: 0, counts: '[]', lookedUpRecord: 'v=TLSRPTv1;' },
    dueMs: 1_000,
  };
}

const texts = { subject: 'a', document: '{"count":10}', fileName: 'a.json.gz', counts: '[]', summary: 'text' };

function contentWith(other: Partial<typeof texts>): string {
  return `UPDATE reports SET content = x'${packTexts('b.example@mx.example', { ...texts, ...other }).toString('hex')}' WHERE number = 2`;
}

/** An outbox with reports on a.example and b.example, of which `sql` then changes the second. */
async function changedBy(sql: string): Promise<Outbox> {
  const context = { sqlite: await loadSqlite(), disk: systemDisk };
  const stem = join(scratchDirectory(), DAY);
  const outbox = Outbox.open(context, stem, DAY);
  outbox.save([reportOn('a.example'), reportOn('b.example')]);
  outbox.checkpoint();
  outbox.close();
  execFileSync('sqlite3', [`${stem}.sqlite`, sql]);
  return Outbox.open(context, stem, DAY);
}

describe.runIf(has('sqlite3'))('A report in the outbox', () => {
  it.each([
    ['another count in its document', contentWith({ document: '{"count":11}' })],
    ['other counts', contentWith({ counts: '[["a",1,0,[]]]' })],
    ['another file name', contentWith({ fileName: 'b.json.gz' })],
    ['other words', contentWith({ summary: 'tex!' })],
    ['another subject', contentWith({ subject: 'b' })],
    ['another policy domain', "UPDATE reports SET policy_domain = 'c.example' WHERE number = 2"],
    ['another submitter', "UPDATE reports SET submitter_domain = 'my.example' WHERE number = 2"],
    ['another revision', 'UPDATE reports SET revision = 1 WHERE number = 2'],
    ['another record', "UPDATE reports SET looked_up_record = 'v=TLSRPTv2;' WHERE number = 2"],
    ['another address', "UPDATE deliveries SET destination = 'mailto:tlr@b.example' WHERE number = 3"],
    ['another digest', 'UPDATE reports SET digest = digest + 1 WHERE number = 2'],
  ])('that has %s than was written is told to be damaged, and no other', async (_, sql) => {
    const outbox = await changedBy(sql);
    expect(outbox.reportToDeliver(1)).toMatchObject({ outgoing: reportOn('a.example').outgoing });
    expect(() => outbox.reportToDeliver(3)).toThrow(ProblemOfOne);
    expect(() => outbox.report('b.example@mx.example')).toThrow(/is damaged \(it is not what was written\)/);
    outbox.close();
  });

  it('is what was written while deliveries of it come and go', async () => {
    const outbox = await changedBy('SELECT 1');
    outbox.startTransmission(['b.example@mx.example']);
    outbox.requeue(outbox.deliveries(), 2_000);
    expect([...outbox.reports()].map(({ transmissionStarted }) => transmissionStarted)).toEqual([false, true]);
    outbox.close();
  });

  it('is known to be the same without being read, until it is transmitted', async () => {
    const outbox = await changedBy('SELECT 1');
    const [a, b] = [reportOn('a.example'), reportOn('b.example')];
    expect(outbox.unsentOn('b.example')?.areJust([b])).toBe(true);
    expect(outbox.unsentOn('none.example')?.areJust([])).toBe(true);
    for (const others of [[], [a], [a, b], [{ ...b, destinations: [] }]])
      expect(outbox.unsentOn('b.example')?.areJust(others)).toBe(false);
    outbox.startTransmission([b.outgoing.reportId]);
    expect(outbox.unsentOn('b.example')).toBeUndefined();
    outbox.close();
  });

  it('of an earlier version has no digest, so it is read', async () => {
    const outbox = await changedBy('UPDATE reports SET digest = NULL');
    expect(outbox.unsentOn('b.example')).toBeUndefined();
    outbox.close();
  });
});
