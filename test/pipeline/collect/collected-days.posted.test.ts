import { beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import type { AnswersWhen } from '#pipeline/collect/open-day.ts';
import type { Poster } from '#pipeline/collect/receiver.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { AskingReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [BEFORE, YESTERDAY, TODAY] = ['2026-11-17', '2026-11-18', '2026-11-19'] as UtcDay[] as [UtcDay, UtcDay, UtcDay];
const NOON = 'T12:00:00Z';
const DATAGRAM = makeDatagram({ domain: 'a.example' });
const HOUR_MS = 3_600_000;
const receiver = new AskingReceiver();

class Client implements Poster {
  answered = 0;

  journaled(count: number): void {
    this.answered += count;
  }
}

let collected: Collected;
let client: Client;

beforeEach(async () => {
  collected = await Collected.make();
  client = new Client();
});

function openDays(answersWhen: AnswersWhen = 'written'): CollectedDays {
  return new CollectedDays({ ...collected.options, answersWhen });
}

function post(days: CollectedDays, receipt?: number, happened?: string): void {
  days.count(DATAGRAM, collected.clock.nowMs(), receiver, {
    poster: client,
    happenedMs: happened === undefined ? undefined : Date.parse(happened),
    receipt: receipt === undefined ? undefined : Buffer.alloc(16, receipt),
  });
}

async function pass(days: CollectedDays, durationMs: number, stepMs = 10): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    collected.clock.advance(stepMs);
    days.write();
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function end(days: CollectedDays): Promise<void> {
  await days.flush();
  await days.close();
  await days.tally.settled(0);
}

const stored = (): (number | undefined)[] => [BEFORE, YESTERDAY, TODAY].map((day) => collected.datagramsOn(day));

describe('What is posted', () => {
  it('is answered once it is written, within a few milliseconds', async () => {
    const days = openDays();
    await days.begin();
    post(days);
    post(days);
    expect(client.answered).toBe(0);
    await pass(days, 20);
    expect([client.answered, collected.datagramsOn(TODAY)]).toEqual([2, 2]);
    await end(days);
  });

  it('is not answered while the disk refuses, and is afterwards', async () => {
    const days = openDays();
    await days.begin();
    collected.disk.faults.failNext('writeLater', { errno: 'ENOSPC' }, Infinity);
    post(days);
    await pass(days, 2_000, 100);
    expect(client.answered).toBe(0);
    collected.disk.faults.heal();
    await pass(days, 2_000, 100);
    expect(client.answered).toBe(1);
    await end(days);
  });

  it('is answered once it is safe where that is asked for', async () => {
    const days = openDays('safe');
    await days.begin();
    collected.disk.faults.failNext('syncLater', { errno: 'EIO' }, Infinity);
    post(days);
    await pass(days, 500);
    expect([client.answered, collected.datagramsOn(TODAY)]).toEqual([0, 1]);
    collected.disk.faults.heal();
    await pass(days, 5_000, 100);
    expect(client.answered).toBe(1);
    await end(days);
  });

  it('counts once when it is posted again, and is answered each time', async () => {
    const days = openDays();
    await days.begin();
    post(days, 1);
    post(days, 1);
    await pass(days, 20);
    post(days, 1);
    await pass(days, 20);
    expect([client.answered, collected.figures.counted, collected.figures.repeated]).toEqual([3, 1, 2]);
    await end(days);
    expect(stored()).toEqual([undefined, undefined, 1]);
  });

  it('counts once when it is posted again after a restart, on the day that is open and on one that is closed', async () => {
    const first = openDays();
    await first.begin();
    post(first, 1, `${TODAY}${NOON}`);
    post(first, 2, `${YESTERDAY}${NOON}`);
    await pass(first, HOUR_MS / 6, 10_000);
    await end(first);
    expect([stored(), collected.isClosed(YESTERDAY)]).toEqual([[undefined, 1, 1], true]);
    const second = openDays();
    await second.begin();
    for (const receipt of [1, 2]) post(second, receipt);
    await pass(second, 20);
    expect(client.answered).toBe(4);
    await end(second);
    expect(stored()).toEqual([undefined, 1, 1]);
  });

  it('counts each time where nothing tells that it is the same', async () => {
    const days = openDays();
    post(days);
    post(days);
    await end(days);
    expect(stored()).toEqual([undefined, undefined, 2]);
  });
});

describe('The time of a session that is posted', () => {
  it('says whether it counts for today or for yesterday, which is taken up again for a while and closed', async () => {
    const days = openDays();
    await days.begin();
    post(days, 1, `${TODAY}T00:00:00Z`);
    post(days, 2, `${YESTERDAY}T23:59:59.999Z`);
    post(days, 3, `${YESTERDAY}T00:00:00Z`);
    await pass(days, 60_000, 5_000);
    expect([stored(), collected.isClosed(YESTERDAY), client.answered]).toEqual([[undefined, 2, 1], false, 3]);
    await pass(days, HOUR_MS / 6, 10_000);
    expect(collected.isClosed(YESTERDAY)).toBe(true);
    post(days, 4, `${YESTERDAY}${NOON}`);
    await pass(days, HOUR_MS / 6, 10_000);
    expect([stored(), collected.isClosed(YESTERDAY)]).toEqual([[undefined, 3, 1], true]);
    await end(days);
  });

  it.each([`${BEFORE}T23:59:59.999Z`, '2026-11-20T00:00:00Z', '1970-01-01T00:00:00Z', '+275760-09-13T00:00:00Z'])(
    'is not believed when it is %s: the arrival decides',
    async (happened) => {
      const days = openDays();
      post(days, 1, happened);
      await end(days);
      expect(stored()).toEqual([undefined, undefined, 1]);
    },
  );

  it('is believed no more for yesterday while the clock is in doubt', async () => {
    const days = openDays();
    await pass(days, HOUR_MS / 3, 10_000);
    collected.clock.set(`${BEFORE}T12:00:00Z`);
    days.write();
    post(days, 1, `${YESTERDAY}${NOON}`);
    await pass(days, 100);
    expect(collected.datagramsOn(YESTERDAY)).toBeUndefined();
    await end(days);
  });
});
