import { describe, expect, it } from 'vitest';
import { readHeardDay } from '#pipeline/inbound/heard-day.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { entryToPack, INBOUND_DAY } from '#test/support/inbound-entries.ts';

const TOMORROW = daysBefore(INBOUND_DAY, -1);

async function heard(): Promise<CollectedDays> {
  const days = await CollectedDays.make();
  await days.store.inbound.save([days.store.inbound.pack(entryToPack())], (problem) => {
    throw problem;
  });
  days.collect([makeDatagram({ domain: 'a.example' }), makeDatagram({ domain: 'b.example' })], { day: INBOUND_DAY });
  return days;
}

describe('What others reported about a day', () => {
  it('stands beside what we saw of the same domains', async () => {
    const { store } = await heard();
    const { results, own, omitted, problems } = readHeardDay(store, { day: INBOUND_DAY, today: TOMORROW });
    expect(results).toMatchObject([{ policyDomain: 'a.example', successful: 5_326, failed: 303 }]);
    expect(own).toMatchObject([{ policyDomain: 'a.example', successful: 1, failed: 0 }]);
    expect([omitted, problems]).toEqual([0, []]);
  });

  it('stands alone while the day goes on, which takes long to add up', async () => {
    const { store } = await heard();
    const { results, own } = readHeardDay(store, { day: INBOUND_DAY, today: INBOUND_DAY });
    expect([results.length, own]).toEqual([1, []]);
  });
});
