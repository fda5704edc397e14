import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveDomain, serveDomainList } from '#sys4/serve-day.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { writeDay } from '#test/support/day-files.ts';
import { readSys4Domain, readSys4List } from '#test/support/sys4.ts';
import type { Sys4Reading } from '#test/support/sys4.ts';

const NEVER = '1999-01-01' as UtcDay;
const CODES = [201, 202, 203, 204, 205, 301, 302, 303, 304, 305, 306];

function listOf({ store }: CollectedDays, day: UtcDay = DAY): Sys4Reading {
  return readSys4List(serveDomainList({ store, day }, MORNING_MS));
}

describe('serveDomainList', () => {
  it('answers the test with which reportd begins: no domains, and yesterday complete', async () => {
    expect(listOf(await CollectedDays.make(), NEVER)).toEqual({ latestCompleteDay: DAY, domains: [] });
  });

  it('names the domains of a closed day that have a record', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'b.example' }), makeDatagram({ domain: 'a.example' })]);
    days.collect([makeDatagram({ domain: 'silent.example', record: '' })]);
    expect(listOf(days)).toEqual({ latestCompleteDay: DAY, domains: ['a.example', 'b.example'] });
  });

  it('leaves out what is no domain name', async () => {
    const days = await CollectedDays.make();
    days.collect(['a.example', 'a b.example', '";reboot;"', '--help'].map((domain) => makeDatagram({ domain })));
    expect(listOf(days).domains).toEqual(['a.example']);
  });

  it('leaves out what was fetched from other hosts', async () => {
    const days = await CollectedDays.make();
    days.fetch('mx2', [makeDatagram({ domain: 'a.example' })]);
    expect(listOf(days).domains).toEqual([]);
  });

  it('gives nothing of a day that is not closed, and an earlier day as the latest complete one', async () => {
    const { store } = await CollectedDays.make();
    const identity = { day: DAY, origin: store.identity() };
    const stem = join(store.path, 'sessions', DAY);
    const datagrams = [makeDatagram({ domain: 'a.example' })];
    writeDay({ sqlite: await loadSqlite(), disk: systemDisk }, { stem, identity, datagrams, ending: 'open' });
    expect(readSys4List(serveDomainList({ store, day: DAY }, MORNING_MS))).toEqual({
      latestCompleteDay: '2026-11-18',
      domains: [],
    });
  });

  it('does not take today for complete', async () => {
    const days = await CollectedDays.make();
    const today = '2026-11-20' as UtcDay;
    days.collect([makeDatagram({ domain: 'a.example' })], { day: today });
    expect(listOf(days, today)).toEqual({ latestCompleteDay: DAY, domains: [] });
  });
});

describe('serveDomain', () => {
  it('says nothing about a domain that was not seen', async () => {
    const { store } = await CollectedDays.make();
    expect(serveDomain({ store, day: DAY }, 'a.example')).toBe('{"d":"a.example","policies":{}}\n');
  });

  it('is read by a reader written from the description, for every recorded datagram', async () => {
    const days = await CollectedDays.make();
    const datagrams = recordedDatagrams();
    days.collect([...datagrams, ...datagrams]);
    const { store } = days;
    const reader = store.sessions.read(DAY);
    const tallies = [...(reader?.domainTallies() ?? [])].filter(
      ({ domain, record }) => record !== undefined && isUsableDomain(domain),
    );
    reader?.close();
    const { domains } = listOf(days);
    expect(new Set(domains)).toEqual(new Set(tallies.map(({ domain }) => domain)));
    expect(domains.length).toBeGreaterThan(5);
    for (const domain of domains) {
      const { d, policies } = readSys4Domain(serveDomain({ store, day: DAY }, domain));
      expect(d).toBe(domain);
      const expected = tallies.filter((tally) => tally.domain === domain);
      for (const { record, policies: ofRecord } of expected) {
        const printed = policies.filter((policy) => policy.record === record);
        expect(printed.map(({ count }) => [count.cntrtotal, count.cntrfailure]).sort()).toEqual(
          ofRecord.map(({ successful, failed }) => [successful + failed, failed]).sort(),
        );
        const failures = printed.flatMap((policy) => policy.failures);
        expect(failures.reduce((sum, [, count]) => sum + count, 0)).toBe(
          ofRecord.flatMap((policy) => policy.failures).reduce((sum, { sessions }) => sum + sessions, 0),
        );
        for (const [failure] of failures) expect(CODES).toContain((failure as { c: number }).c);
      }
      for (const { policy } of policies) expect([1, 2, 9]).toContain(policy['policy-type']);
    }
  });
});
