import { describe, expect, it } from 'vitest';
import { policiesOf } from '#pipeline/status/domain-index.ts';
import { readDomain } from '#pipeline/status/domain-sightings.ts';
import type { DomainQuestion, DomainSightings } from '#pipeline/status/domain-sightings.ts';
import { readSeenDay } from '#pipeline/status/seen-day.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';

const BEFORE = daysBefore(DAY, 1);
const RECORD = 'v=TLSRPTv1;rua=mailto:tls@a.example';
const good = makeDatagram({ domain: 'a.example', record: RECORD });
const bad = makeDatagram({ domain: 'a.example', record: RECORD, failures: [{ code: 204, receivingIp: '192.0.2.1' }] });

/** By the indices of these days. */
function lookUp(days: CollectedDays, domain: string, question: Partial<DomainQuestion> = {}): DomainSightings {
  const places = [BEFORE, DAY].flatMap((day) =>
    readSeenDay(days.store, day, 'key').indices.map(({ part, index }) => ({
      day,
      part,
      ids: policiesOf(domain, index, 'key'),
    })),
  );
  return readDomain(days.store, { domain, places, openDays: [], outboxDays: [], ...question });
}

describe('What was seen of a domain', () => {
  it('is there by day, over all hosts, with its policies and how they failed', async () => {
    const days = await CollectedDays.make();
    days.collect([good, makeDatagram({ domain: 'b.example' })], { day: BEFORE });
    days.collect([good, bad]);
    days.fetch('mx2', [bad]);
    const { days: seen, policies, record } = lookUp(days, 'a.example');
    expect(seen).toEqual([
      { day: BEFORE, successful: 1, failed: 0, failures: [] },
      { day: DAY, successful: 1, failed: 2, failures: [{ resultType: 'certificate-expired', sessions: 2 }] },
    ]);
    expect(policies).toMatchObject([{ successful: 2, failed: 2, failures: [{ sessions: 2 }] }]);
    expect(record).toBe(RECORD);
  });

  it('is the same whether it is found by the index or looked for in the whole day', async () => {
    const days = await CollectedDays.make();
    days.collect(recordedDatagrams());
    const reader = days.store.sessions.read(DAY);
    const domains = reader?.domains() ?? [];
    reader?.close();
    expect(domains.length).toBeGreaterThan(5);
    for (const domain of domains)
      expect(lookUp(days, domain)).toEqual(lookUp(days, domain, { places: [], openDays: [DAY] }));
  });

  it('is nothing of a domain that an index names by chance', async () => {
    const days = await CollectedDays.make();
    days.collect([good]);
    const places = [{ day: DAY, part: { kind: 'own' } as const, ids: [1] }];
    expect(lookUp(days, 'b.example', { places }).days).toEqual([]);
  });

  it('has a bounded number of policies, and says how many there are besides', async () => {
    const days = await CollectedDays.make();
    const withPolicy = (at: number): Buffer =>
      Buffer.from(
        JSON.stringify({
          dpv: '1',
          d: 'a.example',
          policies: [
            {
              'policy-type': 2,
              'policy-domain': 'a.example',
              'policy-string': [`version: STSv1`, `max_age: ${String(at)}`],
              f: 0,
            },
          ],
        }),
      );
    days.collect(Array.from({ length: 25 }, (_, at) => withPolicy(at)));
    const { policies, omittedPolicies } = lookUp(days, 'a.example');
    expect([policies.length, omittedPolicies]).toEqual([20, 5]);
  });
});
