import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [TODAY, TOMORROW] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const SUCCESS = makeDatagram({ domain: 'a.example' });
const receiver = new FakeReceiver();

let collected: Collected;
let days: CollectedDays;

beforeEach(async () => {
  collected = await Collected.make();
  collected.clock.set(`${TODAY}T23:59:59Z`);
  days = new CollectedDays(collected.options);
});

afterEach(async () => {
  await days.close();
});

const count = (): void => {
  days.count(SUCCESS, collected.clock.nowMs(), receiver);
};

async function pass(durationMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 100) {
    collected.clock.advance(100);
    days.write();
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

const counts = (): (number | undefined)[] => [TODAY, TOMORROW].map((day) => collected.datagramsOn(day));

describe('A clock that goes back a few seconds over midnight', () => {
  it('takes back the day that is ending, and what came for the next one stays there', async () => {
    count();
    await pass(1_500);
    count();
    collected.clock.jump(-1_000);
    await pass(200);
    expect(days.day).toBe(TODAY);
    count();
    await pass(1_300);
    expect(days.day).toBe(TOMORROW);
    count();
    await pass(10_000);
    await days.flush();
    expect([counts(), collected.isClosed(TODAY), collected.isClosed(TOMORROW)]).toEqual([[2, 2], true, false]);
    expect(collected.eventNames()).toEqual(['day-closed']);
  });

  it('loses nothing and counts nothing twice when it stays back until the next day was closed', async () => {
    count();
    await pass(1_500);
    count();
    collected.clock.jump(-10_000);
    await pass(5_000);
    expect([days.day, collected.isClosed(TODAY), collected.isClosed(TOMORROW)]).toEqual([TODAY, false, true]);
    count();
    await pass(10_000);
    count();
    await days.flush();
    expect([days.day, counts(), collected.isClosed(TODAY)]).toEqual([TOMORROW, [2, 2], true]);
  });
});
