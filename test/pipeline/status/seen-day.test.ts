import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MOST_FAILING, readSeenDay } from '#pipeline/status/seen-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

const bad = (domain: string): Buffer => makeDatagram({ domain, failures: [{ code: 204 }] });

describe('What was seen on a day', () => {
  it('is added up over all hosts, each once', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'a.example' }), bad('b.example'), Buffer.from('not JSON')]);
    days.fetch('mx2', [bad('b.example'), bad('c.example')], { origin: 'other' });
    days.fetch('twin', [bad('b.example')], { origin: 'other' });
    const { seen, indices } = readSeenDay(days.store, DAY, 'key');
    expect(seen).toMatchObject({
      day: DAY,
      isClosed: true,
      datagrams: 5,
      rejected: 1,
      domains: 3,
      policies: [{ policyType: 'no-policy-found', successful: 1, failed: 3 }],
      failures: [{ resultType: 'certificate-expired', sessions: 3 }],
      failingDomains: 2,
      problems: [],
    });
    expect(seen.failing.map(({ domain, failed }) => [domain, failed])).toEqual([
      ['b.example', 2],
      ['c.example', 1],
    ]);
    expect(indices.map(({ part }) => part)).toEqual([{ kind: 'own' }, { kind: 'fetched', folder: 'mx2' }]);
  });

  it('is of a bounded size, and says how many failed beside those that are named', async () => {
    const days = await CollectedDays.make();
    const domains = Array.from({ length: MOST_FAILING + 5 }, (_, at) => `d${String(at)}.example`);
    days.collect(domains.map(bad));
    const { seen } = readSeenDay(days.store, DAY, 'key');
    expect([seen.failing.length, seen.failingDomains]).toEqual([MOST_FAILING, MOST_FAILING + 5]);
  });

  it('goes on where a host gave a part, and has no index of that', async () => {
    const days = await CollectedDays.make();
    days.fetchPartial('mx2', [bad('b.example')]);
    const { seen, indices } = readSeenDay(days.store, DAY, 'key');
    expect([seen.isClosed, indices]).toEqual([false, []]);
  });

  it('says what cannot be read, and has the rest', async () => {
    const days = await CollectedDays.make();
    days.collect([bad('b.example')]);
    mkdirSync(join(days.store.path, 'fetched', 'mx2'), { recursive: true });
    writeFileSync(join(days.store.path, 'fetched', 'mx2', `${DAY}.sqlite`), 'no database');
    const { seen } = readSeenDay(days.store, DAY, 'key');
    expect(seen.domains).toBe(1);
    expect(seen.problems.map(({ code }) => code)).toEqual(['store-damaged']);
  });
});
