import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [TODAY, TOMORROW] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const SUCCESS = makeDatagram({ domain: 'a.example' });
const receiver = new FakeReceiver();

describe('A collector that ends while the tally closes the day before', () => {
  it('takes the journals of that day, which are gone already, for no loss', async () => {
    const collected = await Collected.make();
    collected.clock.set(`${TODAY}T23:59:59Z`);
    const days = new CollectedDays({
      ...collected.options,
      startTally: (tell) =>
        collected.startTally((news) => {
          if (news.kind !== 'closed') tell(news);
        }),
    });
    days.count(SUCCESS, collected.clock.nowMs(), receiver);
    for (let passed = 0; passed < 50; passed += 1) {
      collected.clock.advance(100);
      days.write();
      for (let turns = 0; turns < 20; turns += 1) await nextTurn();
    }
    expect(collected.isClosed(TODAY)).toBe(true);
    days.count(SUCCESS, collected.clock.nowMs(), receiver);
    await days.flush();
    await days.close();
    expect([collected.datagramsOn(TODAY), collected.datagramsOn(TOMORROW)]).toEqual([1, 1]);
  });
});
