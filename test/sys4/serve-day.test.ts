import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { serveDomain, serveDomainList } from '#sys4/serve-day.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { writeDay } from '#test/support/day-files.ts';
import { has } from '#test/support/real-parts.ts';
import { readSys4Domain, readSys4List } from '#test/support/sys4.ts';
import type { Sys4Reading } from '#test/support/sys4.ts';

const log = (): void => undefined;
const NEVER = '1999-01-01' as UtcDay;
const CODES = [201, 202, 203, 204, 205, 301, 302, 303, 304, 305, 306];

const SYS4_IN_PYTHON = fileURLToPath(new URL('../support/sys4_programs.py', import.meta.url));
/** With one failure, or none, as the order of several is not laid down. */
const AS_THEY_CAME = [
  'libtlsrpt-0.5.1/006-success-tlsa',
  'libtlsrpt-0.5.1/007-success-sts',
  'libtlsrpt-0.5.1/014-fail-201',
  'libtlsrpt-0.5.1/042-order-mx-before-ps',
  'libtlsrpt-0.5.1/043-duplicate-failures',
  'postfix-3.10.13/01-no-policy-success',
  'postfix-3.10.13/03-sts-success',
];
/** What their policies say has another form here. Postfix sends nothing of the kind. */
const PUT_RIGHT = [
  '010-empty-policy-domain',
  '011-empty-policy-string-and-mx',
  '045-chars-control',
  '047-chars-unicode',
  '052-domain-uppercase-trailing-dot',
];

/** What a reader of several hosts finds of each domain, by record and policy, in one order. */
function policiesOf(texts: readonly (readonly string[])[]): string[][] {
  const grouped = inPython('group', texts) as Record<string, object>[];
  return grouped.map((records) =>
    Object.entries(records)
      .flatMap(([record, policies]) => Object.keys(policies).map((policy) => `${record} ${policy}`))
      .sort(),
  );
}

function inPython(what: 'collect' | 'group' | 'respell', input: unknown): unknown {
  const { stdout, stderr } = spawnSync('python3', [SYS4_IN_PYTHON, what], {
    input: JSON.stringify(input),
    encoding: 'utf8',
  });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

function listOf({ store }: CollectedDays, day: UtcDay = DAY): Sys4Reading {
  return readSys4List(serveDomainList({ store, day, log }, MORNING_MS));
}

describe('serveDomainList', () => {
  it('answers the test with which reportd begins: no domains, and yesterday complete', async () => {
    expect(listOf(await CollectedDays.make(), NEVER)).toEqual({ latestCompleteDay: DAY, domains: [] });
  });

  it('names a day between its own as complete and empty, and of one before them a later day, as it may be gone', async () => {
    const days = await CollectedDays.make();
    for (const day of [daysBefore(DAY, 3), DAY]) days.collect([makeDatagram({ domain: 'a.example' })], { day });
    const [between, before] = [daysBefore(DAY, 2), daysBefore(DAY, 4)];
    expect(listOf(days, between)).toEqual({ latestCompleteDay: between, domains: [] });
    expect(listOf(days, before)).toEqual({ latestCompleteDay: DAY, domains: [] });
  });

  it('names no quiet day where nothing could be stored, but those that are here', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'a.example' })], { day: daysBefore(DAY, 3) });
    writeFileSync(join(days.store.path, 'identity'), '');
    expect(() => listOf(days)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
    expect(listOf(days, daysBefore(DAY, 3)).domains).toEqual(['a.example']);
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
    expect(readSys4List(serveDomainList({ store, day: DAY, log }, MORNING_MS))).toEqual({
      latestCompleteDay: '2026-11-18',
      domains: [],
    });
  });

  it('names an older day that it has as the latest, and one that it does not have as overtaken', async () => {
    const days = await CollectedDays.make();
    const [older, missing] = ['2026-11-17' as UtcDay, '2026-11-16' as UtcDay];
    days.collect([makeDatagram({ domain: 'a.example' })], { day: older });
    expect(listOf(days, older)).toEqual({ latestCompleteDay: older, domains: ['a.example'] });
    expect(listOf(days, missing)).toEqual({ latestCompleteDay: DAY, domains: [] });
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
    expect(serveDomain({ store, day: DAY, log }, 'a.example')).toBe('{"d": "a.example", "policies": {}}\n');
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
      const { d, policies } = readSys4Domain(serveDomain({ store, day: DAY, log }, domain));
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

  it.runIf(has('python3'))(
    'spells all that it says of every recorded datagram as json.dumps does, byte for byte',
    async () => {
      const days = await CollectedDays.make();
      days.collect(recordedDatagrams());
      const served = listOf(days).domains.map((domain) => serveDomain({ store: days.store, day: DAY, log }, domain));
      expect(served.length).toBeGreaterThan(5);
      expect(inPython('respell', served)).toEqual(served);
    },
  );

  it.runIf(has('python3')).each(AS_THEY_CAME)("says of %s what sys4's fetcher says, byte for byte", async (name) => {
    const days = await CollectedDays.make();
    const sample = recordedDatagram(name);
    days.collect([sample]);
    const theirs = inPython('collect', [sample.toString()]) as Record<string, string>;
    const [domain = ''] = Object.keys(theirs);
    expect(serveDomain({ store: days.store, day: DAY, log }, domain)).toBe(theirs[domain]);
  });

  it('names of the reply to EHLO the host alone, as a report does', async () => {
    const days = await CollectedDays.make();
    days.collect([recordedDatagram('postfix-3.10.13/02-no-policy')]);
    const { policies } = readSys4Domain(serveDomain({ store: days.store, day: DAY, log }, 'plain.example'));
    expect(policies[0]?.failures).toMatchObject([[{ h: 'mx.example' }, 1]]);
  });

  it.runIf(has('python3'))(
    'leaves one entry for each policy where half of the hosts are of sys4, and the reader goes by the spelling',
    async () => {
      const days = await CollectedDays.make();
      const datagrams = recordedDatagrams(PUT_RIGHT);
      days.collect(datagrams);
      const collected = inPython('collect', datagrams.map(String)) as Record<string, string>;
      const { domains } = listOf(days);
      expect(domains.length).toBeGreaterThan(5);
      const theirs = domains.map((domain) => collected[domain] ?? '');
      const ours = domains.map((domain) => serveDomain({ store: days.store, day: DAY, log }, domain));
      const both = theirs.map((text, index) => [text, ours[index] ?? '', ours[index] ?? '', text]);
      expect(policiesOf(both)).toEqual(policiesOf(theirs.map((text) => [text])));
    },
  );
});
