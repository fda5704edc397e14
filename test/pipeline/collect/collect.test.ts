import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nobody } from '#pipeline/collect/service-manager.ts';
import { collect } from '#pipeline/collect/collect.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import { until } from '#test/support/until.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const MIDNIGHT_MS = Date.parse('2026-11-20T00:00:00Z');
const NOON_MS = MIDNIGHT_MS - 43_200_000;
const SUCCESS = makeDatagram({ domain: 'a.example' });

let collected: Collected;
let receiver: FakeReceiver;
let stopping: AbortController;
let nowMs: number;

beforeEach(async () => {
  collected = await Collected.make();
  receiver = new FakeReceiver();
  stopping = new AbortController();
  nowMs = NOON_MS;
});

afterEach(healDisk);

function start(startReceiver = (): Promise<FakeReceiver> => Promise.resolve(receiver)): Promise<void> {
  return collect({
    ...collected.options,
    keepDays: 30,
    clock: { nowMs: () => nowMs },
    stopping: stopping.signal,
    serviceManager: nobody,
    startReceiver,
  });
}

function summary(): { datagrams: number; rejected: number } {
  const { sums } = collected.totals;
  return { datagrams: sums.get('datagrams') ?? 0, rejected: sums.get('rejected') ?? 0 };
}

describe('Collecting', () => {
  it('stores what arrives while it runs, and goes on until it is told to stop', async () => {
    const running = start();
    receiver.arrive(SUCCESS, nowMs);
    await until(() => collected.datagramsOn(DAY) === 1);
    nowMs += 100;
    receiver.arrive(SUCCESS, nowMs);
    await until(() => collected.datagramsOn(DAY) === 2);
    stopping.abort();
    await running;
    expect(summary()).toEqual({ datagrams: 2, rejected: 0 });
    expect(collected.isClosed(DAY)).toBe(false);
  });

  it('takes all that has arrived before it ends, however much that is', async () => {
    for (let index = 0; index < 10_000; index += 1) receiver.arrive(SUCCESS, nowMs);
    receiver.arrive(Buffer.from('?'), nowMs);
    stopping.abort();
    await start();
    expect(summary()).toEqual({ datagrams: 10_001, rejected: 1 });
    expect(collected.datagramsOn(DAY)).toBe(10_001);
    expect(collected.eventNames()).toEqual(['datagram-unreadable']);
  });

  it('puts what arrived before midnight into the day that is over, however late it is counted', async () => {
    for (let index = 0; index < 9_000; index += 1) receiver.arrive(SUCCESS, MIDNIGHT_MS - 1);
    receiver.arrive(SUCCESS, MIDNIGHT_MS);
    const running = start();
    nowMs = MIDNIGHT_MS + 30_000;
    await until(() => collected.datagramsOn(NEXT_DAY) === 1);
    stopping.abort();
    await running;
    expect([collected.datagramsOn(DAY), collected.isClosed(DAY)]).toEqual([9_000, true]);
  });

  it('does not begin to receive when the day cannot be opened', async () => {
    failDisk({ call: 'mkdirSync', errno: 'EACCES' });
    let wasStarted = false;
    const running = start(() => {
      wasStarted = true;
      return Promise.resolve(receiver);
    });
    await expect(running).rejects.toMatchObject({ code: 'store-not-writable' });
    expect(wasStarted).toBe(false);
  });

  it('fails when it cannot begin to receive', async () => {
    await expect(start(() => Promise.reject(new Error('no socket')))).rejects.toThrow('no socket');
  });

  it('stores what it has when its receiver fails, and then fails as well', async () => {
    const running = start();
    receiver.arrive(SUCCESS, nowMs);
    receiver.fail(new Error('recvmmsg: ENOMEM'));
    await expect(running).rejects.toThrow('recvmmsg: ENOMEM');
    expect(collected.datagramsOn(DAY)).toBe(1);
  });
});
