import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import initSqlJs from 'sql.js';
import { describe, expect, it } from 'vitest';
import { localFile } from '#adapters/directory/local-file.ts';
import type { LogEvent } from '#events/event.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { FetchSummary } from '#pipeline/fetch/fetch-day.ts';
import { sys4Source } from '#sys4/sys4-source.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { isCountedAlike, sys4Collect, sys4Database } from '#test/support/sys4.ts';
import type { Sys4Wish } from '#test/support/sys4.ts';

const EARLIER = '2026-11-18' as UtcDay;
const TODAY = '2026-11-20' as UtcDay;
const SEEN = [makeDatagram({ domain: 'a.example' })];

async function fetchFrom(
  days: CollectedDays,
  content: Uint8Array | undefined,
  name = 'collectd.sqlite.yesterday',
  partial = false,
): Promise<{ summary: FetchSummary; domains: DomainTally[]; logged: LogEvent[] }> {
  const { store } = days;
  const file = join(store.path, 'sys4', name);
  mkdirSync(dirname(file), { recursive: true });
  if (content) writeFileSync(file, content);
  const sources = [sys4Source(localFile(file), store)];
  const logged: LogEvent[] = [];
  const summary = await fetchDay({ store, day: DAY, partial, sources, log: (event) => logged.push(event) });
  return { summary, logged, domains: talliesIn(store.fetched.read(store.fetched.folderOf(file), DAY)) };
}

function talliesIn(reader: SessionDayReader | undefined): DomainTally[] {
  const tallies = [...(reader?.domainTallies() ?? [])];
  reader?.close();
  return tallies.map((tally) => ({ ...tally, policies: mergePolicyTallies(tally.policies) }));
}

async function resultOf(datagrams: readonly Buffer[], wish: Sys4Wish, name?: string): Promise<FetchSummary[number]> {
  const content = await sys4Database(sys4Collect(datagrams), wish);
  const { summary } = await fetchFrom(await CollectedDays.make(), content, name);
  if (!summary[0]) throw new Error('there is no summary');
  return summary[0];
}

describe('sys4Source', () => {
  it('reads of every recorded datagram with a domain name what collect makes of it', async () => {
    const days = await CollectedDays.make();
    const datagrams = recordedDatagrams().filter(isCountedAlike);
    days.collect(datagrams);
    const content = await sys4Database(sys4Collect(datagrams), { day: DAY });
    const { summary, domains } = await fetchFrom(days, content);
    expect(summary).toMatchObject([{ result: 'fetched' }]);
    const collected = talliesIn(days.store.sessions.read(DAY)).filter(({ domain }) => isUsableDomain(domain));
    expect(collected.length).toBeGreaterThan(5);
    expect(domains).toEqual(collected);
  });

  it('says that a host has nothing that saw names alone that are no domain names', async () => {
    expect(await resultOf([makeDatagram({ domain: '[192.0.2.7]' })], { day: DAY })).toMatchObject({ result: 'absent' });
  });

  it('takes what was moved aside at midnight for complete', async () => {
    expect(await resultOf(SEEN, { day: DAY, complete: false })).toMatchObject({ result: 'fetched' });
  });

  it('does not take what is still being written, until its collector says that the day is complete', async () => {
    const open = { day: DAY, complete: false };
    expect(await resultOf(SEEN, open, 'collectd.sqlite')).toMatchObject({ result: 'refused' });
    expect(await resultOf(SEEN, { day: DAY, complete: true }, 'collectd.sqlite')).toMatchObject({ result: 'fetched' });
  });

  it.each([DAY, EARLIER, TODAY])('names the file of the day before instead of the open one: %s', async (day) => {
    const content = await sys4Database(sys4Collect(SEEN), { day, complete: false });
    const { logged } = await fetchFrom(await CollectedDays.make(), content, 'collectd.sqlite');
    expect(logged.map(({ name }) => name)).toEqual(['source-refused']);
    expect(logged[0]?.message).toContain('collectd.sqlite.yesterday');
  });

  it('takes what the open file has so far where a part of a day is wanted', async () => {
    const content = await sys4Database(sys4Collect(SEEN), { day: DAY, complete: false });
    const days = await CollectedDays.make();
    const { logged, summary } = await fetchFrom(days, content, 'collectd.sqlite', true);
    expect(summary).toMatchObject([{ result: 'fetched' }]);
    expect(logged).toMatchObject([{ name: 'day-fetched', facts: { partial: true } }]);
    const [folder = ''] = days.store.fetched.folders();
    expect(talliesIn(days.store.fetched.readPartial(folder, DAY)).map(({ domain }) => domain)).toEqual(['a.example']);
  });

  it('waits while the file of the day before is there', async () => {
    expect(await resultOf(SEEN, { day: EARLIER })).toMatchObject({ result: 'not-closed' });
  });

  it('says that the day is lost when the file of a later day is there', async () => {
    expect(await resultOf(SEEN, { day: TODAY })).toMatchObject({
      result: 'gone',
      why: expect.stringContaining(TODAY) as string,
    });
  });

  it('says that a quiet day has nothing', async () => {
    expect(await resultOf([], { day: DAY })).toMatchObject({ result: 'absent' });
  });

  it('refuses a path where there is no file', async () => {
    const { summary } = await fetchFrom(await CollectedDays.make(), undefined);
    expect(summary).toMatchObject([{ result: 'refused', why: expect.stringContaining('there is no') as string }]);
  });

  it('keeps nothing of a file that was cut, and all of it the next time', async () => {
    const days = await CollectedDays.make();
    const datagrams = Array.from({ length: 200 }, (_, index) => makeDatagram({ domain: `d${String(index)}.example` }));
    const content = await sys4Database(sys4Collect(datagrams), { day: DAY });
    const cut = await fetchFrom(days, content.subarray(0, content.length / 2));
    expect(cut).toMatchObject({ summary: [{ result: 'damaged' }], domains: [] });
    expect(await fetchFrom(days, content)).toMatchObject({ summary: [{ result: 'fetched' }] });
  });

  it('keeps nothing of a sound file that SQLite cannot read all the same', async () => {
    const { Database } = await initSqlJs();
    const database = new Database(await sys4Database(sys4Collect(SEEN), { day: DAY }));
    database.run(`PRAGMA writable_schema = 1; UPDATE sqlite_schema
      SET sql = replace(sql, '(day,', '(day COLLATE nowhere,') WHERE name = 'finalresults'`);
    const { summary, domains } = await fetchFrom(await CollectedDays.make(), database.export());
    database.close();
    const why = expect.stringContaining('no such collation sequence') as string;
    expect([summary, domains]).toMatchObject([[{ result: 'damaged', why }], []]);
  });

  it('leaves out each row that cannot be, and names it; the others count', async () => {
    const odd = ['', 'x'.repeat(256), 'a\u0007b.example'];
    const tally = sys4Collect([...SEEN, ...odd.map((domain) => makeDatagram({ domain }))]);
    const reason = '{"policy-type":9}';
    const record = 'v=TLSRPTv1;rua=mailto:tls@example.com';
    const add = (domain: string, cntrtotal: number, cntrfailure: number, failures = {}): unknown =>
      tally.set(domain, new Map([[record, new Map([[reason, { cntrtotal, cntrfailure, failures }]])]]));
    add('.', 1, 0);
    add('more.example', 1, 2);
    add('less.example', 1, -1);
    add('failure.example', 3, 2, { '[5]': 1, '{"c":201}': 1 });
    const { summary, domains, logged } = await fetchFrom(
      await CollectedDays.make(),
      await sys4Database(tally, { day: DAY }),
    );
    expect(summary).toMatchObject([{ result: 'fetched' }]);
    expect(domains.map(({ domain, policies: [policy] }) => [domain, policy?.successful, policy?.failed])).toEqual([
      ['a.example', 1, 0],
      ['failure.example', 1, 2],
    ]);
    const [message = ''] = logged.filter(({ name }) => name === 'sessions-left-out').map((event) => event.message);
    const named = ['""', '"."', `"${'x'.repeat(80)}...", `, '"a\u0007b.example"', '2 failed of 1', '-1 failed of 1'];
    for (const name of [...named, 'failures of "failure.example"']) expect(message).toContain(name.replace(', ', ''));
  });

  it('keeps nothing of a file whose counts cannot be', async () => {
    const tally = sys4Collect(SEEN);
    for (const records of tally.values())
      for (const counts of records.values()) for (const count of counts.values()) count.cntrfailure = 99;
    const content = await sys4Database(tally, { day: DAY });
    expect(await fetchFrom(await CollectedDays.make(), content)).toMatchObject({
      summary: [{ result: 'damaged', why: expect.stringContaining('a.example') as string }],
      domains: [],
    });
  });
});
