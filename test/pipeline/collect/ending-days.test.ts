import { beforeEach, describe, expect, it } from 'vitest';
import { EndingDays } from '#pipeline/collect/ending-days.ts';
import { OpenDay } from '#pipeline/collect/open-day.ts';
import type { AnnouncedJournal } from '#store/tally/frame-tail.ts';
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import { endOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const receiver = new FakeReceiver();

let collected: Collected;
let tally: TallyRunner;
let ending: EndingDays;

beforeEach(async () => {
  collected = await Collected.make();
  tally = collected.startTally((news) => {
    if (news.kind === 'closed') ending.noteClosed(news.day);
  });
  ending = new EndingDays(tally, () => collected.clock.steadyMs());
});

function announceAtOnce(journal: AnnouncedJournal): void {
  tally.announce(DAY, journal);
}

function openDay(announce = announceAtOnce): OpenDay {
  return new OpenDay({
    day: DAY,
    batch: collected.store.newBatch(),
    steadyMs: () => collected.clock.steadyMs(),
    open: () => collected.store.openJournal(DAY, announce),
    refused: () => undefined,
    recovered: () => undefined,
  });
}

function pass(durationMs: number): Promise<void> {
  return passOf(ending, durationMs);
}

async function passOf(written: Pick<OpenDay, 'write'>, durationMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 100) {
    collected.clock.advance(100);
    written.write();
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

const count = (day: OpenDay): void => {
  day.count(0, 0, makeDatagram({ domain: 'a.example' }), receiver);
};

describe('A day that is over', () => {
  it('takes what arrived in it for two seconds, and is closed then', async () => {
    const day = openDay();
    count(day);
    ending.add(day);
    expect([ending.days, ending.find(DAY)]).toEqual([[day], day]);
    await pass(1_900);
    expect(ending.arrivedIn(endOfDayMs(DAY) - 1)).toBe(day);
    expect(ending.arrivedIn(endOfDayMs(DAY))).toBeUndefined();
    count(day);
    expect(collected.isClosed(DAY)).toBe(false);
    await pass(3_000);
    expect([ending.days, ending.dueInMs, ending.arrivedIn(endOfDayMs(DAY) - 1)]).toEqual([[], Infinity, undefined]);
    expect([collected.isClosed(DAY), collected.datagramsOn(DAY)]).toEqual([true, 2]);
  });

  it('takes no end when it is taken back, and is closed when it ends after all', async () => {
    const day = openDay();
    count(day);
    ending.add(day);
    await pass(1_000);
    expect([ending.takeBack(DAY), ending.takeBack(DAY), ending.days]).toEqual([day, undefined, []]);
    await pass(10_000);
    expect(collected.isClosed(DAY)).toBe(false);
    count(day);
    ending.add(day);
    await pass(5_000);
    expect([collected.isClosed(DAY), collected.datagramsOn(DAY)]).toEqual([true, 2]);
  });

  it('loses nothing when it is taken back while the tally closes it', async () => {
    let [isClosing, announced] = [false, 0];
    const end = (): void => void (isClosing = true);
    ending = new EndingDays({ end }, () => collected.clock.steadyMs());
    const day = openDay((journal) => {
      if (isClosing) announced += 1;
      else announceAtOnce(journal);
    });
    count(day);
    ending.add(day);
    await pass(3_000);
    expect([isClosing, ending.takeBack(DAY)]).toEqual([true, day]);
    for (let times = 0; times < 2; times += 1) {
      count(day);
      await passOf(day, 2_000);
    }
    tally.end(DAY, true);
    await pass(1_000);
    expect([collected.datagramsOn(DAY), announced]).toEqual([3, 2]);
  });

  it('is looked at again within a second', () => {
    expect(ending.dueInMs).toBe(Infinity);
    ending.add(openDay());
    expect(ending.dueInMs).toBeLessThanOrEqual(1_000);
  });

  it('is not closed before everything is safe, however long the disk refuses', async () => {
    const day = openDay();
    count(day);
    ending.add(day);
    collected.disk.faults.policy = (call) => (call === 'syncLater' ? { errno: 'EIO' } : undefined);
    await pass(60_000);
    expect([collected.isClosed(DAY), ending.days]).toEqual([false, [day]]);
    collected.disk.faults.heal();
    await pass(5_000);
    expect([collected.isClosed(DAY), collected.datagramsOn(DAY), ending.days]).toEqual([true, 1, []]);
  });

  it('is closed also when nothing arrived in it', async () => {
    ending.add(openDay());
    await pass(5_000);
    expect([collected.isClosed(DAY), collected.datagramsOn(DAY)]).toEqual([true, 0]);
  });
});
