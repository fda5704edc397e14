import { beforeEach, describe, expect, it } from 'vitest';
import { collect } from '#pipeline/collect/collect.ts';
import type { CollectOptions } from '#pipeline/collect/collect.ts';
import { dayLimits } from '#pipeline/collect/open-day.ts';
import { roomLimits } from '#pipeline/collect/room.ts';
import type { Receiver } from '#pipeline/collect/receiver.ts';
import { noServiceManager } from '#pipeline/collect/service-manager.ts';
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import { systemClock } from '#support/clock.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { AskingReceiver, FakeReceiver } from '#test/support/fake-receiver.ts';
import { until } from '#test/support/until.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const MIDNIGHT_MS = Date.parse('2026-11-20T00:00:00Z');
/** The largest datagrams there are. */
const LARGE_BYTES = 262_144;
const SUCCESS = makeDatagram({ domain: 'a.example' });

let collected: Collected;
let receiver: FakeReceiver;
let stopping: AbortController;
/** The clock runs as the real one does, from here on. */
let startMs: number;
let begunMs: number;

beforeEach(async () => {
  collected = await Collected.make();
  receiver = new FakeReceiver();
  stopping = new AbortController();
  startMs = MIDNIGHT_MS - 43_200_000;
  begunMs = systemClock.steadyMs();
});

const nowMs = (): number => startMs + systemClock.steadyMs() - begunMs;

function start(options: Partial<CollectOptions> = {}, receivers: readonly Receiver[] = [receiver]): Promise<void> {
  return collect({
    ...collected.options,
    clock: { ...systemClock, nowMs },
    tallyMs: 0,
    isOver: false,
    stopping: stopping.signal,
    serviceManager: noServiceManager,
    startReceivers: () => Promise.resolve(receivers),
    ...options,
  });
}

function arrive(count: number, to = receiver, bytes = SUCCESS): void {
  for (let left = count; left > 0; left -= 1) to.arrive(bytes, nowMs());
}

describe('Collecting', () => {
  it('stores what arrives while it runs, and goes on until it is told to stop', async () => {
    const running = start();
    arrive(1);
    await until(() => collected.datagramsOn(DAY) === 1);
    arrive(1);
    await until(() => collected.datagramsOn(DAY) === 2);
    stopping.abort();
    await running;
    expect([collected.figures.counted, collected.isClosed(DAY)]).toEqual([2, false]);
  });

  it('takes all that has arrived before it ends, however much that is', async () => {
    arrive(10_000);
    arrive(1, receiver, Buffer.from('?'));
    stopping.abort();
    await start();
    expect(collected.figures).toMatchObject({ counted: 10_001, tallied: 10_001, rejected: 1, recognised: 9_999 });
    expect(collected.datagramsOn(DAY)).toBe(10_001);
    expect(collected.eventNames()).toEqual(['datagram-unreadable']);
  });

  it('puts what arrived before midnight into the day that is over, however late it is counted', async () => {
    startMs = MIDNIGHT_MS - 300;
    const running = start();
    await until(() => nowMs() > MIDNIGHT_MS);
    for (let index = 0; index < 9_000; index += 1) receiver.arrive(SUCCESS, MIDNIGHT_MS - 1);
    receiver.arrive(SUCCESS, MIDNIGHT_MS);
    await until(() => collected.datagramsOn(NEXT_DAY) === 1 && collected.isClosed(DAY) === true);
    stopping.abort();
    await running;
    expect(collected.datagramsOn(DAY)).toBe(9_000);
  });

  it('takes from several receivers at once, and tells each what became of its own', async () => {
    const [one, other] = [new AskingReceiver(), new AskingReceiver()];
    const running = start({}, [one, receiver, other]);
    arrive(1_000);
    arrive(70, one);
    arrive(1, other, Buffer.from('{'));
    arrive(1, other);
    await until(() => one.outcomes.length === 70 && other.outcomes.length === 2);
    stopping.abort();
    await running;
    expect(new Set(one.outcomes)).toEqual(new Set(['tallied']));
    expect(other.outcomes).toEqual(['not-json', 'tallied']);
    expect(collected.datagramsOn(DAY)).toBe(1_072);
  });

  it('closes a day that is over for good', async () => {
    arrive(3);
    receiver.stop();
    await start({ isOver: true, fixedDay: DAY });
    expect([collected.datagramsOn(DAY), collected.isClosed(DAY)]).toEqual([3, true]);
  });

  it('has today open before anything can come', async () => {
    let isOpen = false;
    const startReceivers = (): Promise<Receiver[]> => {
      isOpen = collected.disk.status(`${collected.state.sessionStem(DAY)}.lock`) !== undefined;
      return Promise.resolve([receiver]);
    };
    stopping.abort();
    await start({ startReceivers });
    expect(isOpen).toBe(true);
  });

  it('is not said to live while a receiver is stuck', async () => {
    let [isStuck, beats] = [true, 0];
    const stuck = Object.defineProperty(new FakeReceiver(), 'isStuck', { get: () => isStuck });
    const alive = (): void => {
      beats += 1;
    };
    const running = start({ serviceManager: { ...noServiceManager, alive } }, [receiver, stuck]);
    arrive(1);
    await until(() => collected.datagramsOn(DAY) === 1);
    expect(beats).toBe(0);
    isStuck = false;
    arrive(1);
    await until(() => beats > 0);
    stopping.abort();
    await running;
  });

  it('shares its state directory with no other, and lets go of it when it ends', async () => {
    const running = start();
    await expect(start()).rejects.toMatchObject({ code: 'store-locked' });
    stopping.abort();
    await running;
    await start();
  });
});

describe('A turn of collecting', () => {
  /** Each datagram costs so much time, and nothing else does. */
  function costlyClock(costMs: number, ...receivers: readonly FakeReceiver[]): { steadyMs: () => number } {
    let steadyMs = 0;
    for (const one of receivers)
      one.onTaken = () => {
        steadyMs += costMs;
      };
    return { steadyMs: () => steadyMs };
  }

  /** How long each turn took, until everything was taken. */
  async function turnsOf(costMs: number, receivers: readonly FakeReceiver[]): Promise<number[]> {
    const clock = costlyClock(costMs, ...receivers);
    const ends: number[] = [0];
    const alive = (): void => {
      ends.push(clock.steadyMs());
    };
    for (const one of receivers) one.stop();
    const serviceManager = { ...noServiceManager, alive };
    await start({ clock: { ...systemClock, nowMs, ...clock }, serviceManager }, receivers);
    return ends.slice(1).map((endMs, index) => endMs - (ends[index] ?? 0));
  }

  it('ends after 20 ms, give or take what is taken in one go, whatever waits', async () => {
    arrive(2_000);
    const turns = await turnsOf(0.5, [receiver]);
    expect(turns.length).toBeGreaterThan(20);
    expect(Math.max(...turns)).toBeLessThanOrEqual(20 + 16 * 0.5);
    expect(collected.figures.counted).toBe(2_000);
    expect(Math.max(...receiver.limits)).toBe(16);
  });

  it('ends when the disk has much to write, so what a kill would cost stays little', async () => {
    collected.disk.heldWrites.hold();
    const sizeBytes = 65_536;
    for (let index = 0; index < 180; index += 1) arrive(1, receiver, Buffer.alloc(sizeBytes, `${String(index)} `));
    const running = start({ clock: { ...systemClock, nowMs, ...costlyClock(0) } });
    await until(() => collected.disk.heldWrites.waiting > 0 && receiver.limits.length > 0);
    const countedBytes = collected.figures.counted * sizeBytes;
    expect(countedBytes).toBeGreaterThanOrEqual(dayLimits.calmBytes.write);
    expect(countedBytes).toBeLessThan(dayLimits.calmBytes.write + 17 * sizeBytes);
    collected.disk.heldWrites.release();
    stopping.abort();
    await running;
    expect(collected.datagramsOn(DAY)).toBe(180);
  });

  it('takes something of each receiver, though one alone would fill it', async () => {
    const other = new FakeReceiver();
    const order: string[] = [];
    arrive(1_000);
    arrive(64, other);
    const clock = { ...systemClock, nowMs, ...costlyClock(0) };
    let steadyMs = 0;
    for (const [name, one] of [['one', receiver] as const, ['other', other] as const])
      one.onTaken = () => {
        steadyMs += 1;
        order.push(name);
      };
    stopping.abort();
    await start({ clock: { ...clock, steadyMs: () => steadyMs } }, [receiver, other]);
    expect(order.lastIndexOf('other')).toBeLessThan(128);
  });
});

describe('Collecting on a disk that refuses', () => {
  it('does not begin to receive when its directory cannot be made', async () => {
    collected.disk.faults.failNext('makeDirectory', { errno: 'EACCES' });
    let wasStarted = false;
    const startReceivers = (): Promise<Receiver[]> => {
      wasStarted = true;
      return Promise.resolve([receiver]);
    };
    await expect(start({ startReceivers })).rejects.toMatchObject({ code: 'store-not-writable' });
    expect(wasStarted).toBe(false);
  });

  it('begins all the same when only the day cannot be opened, and stores everything later', async () => {
    const running = start();
    collected.disk.faults.policy = (_call, path) => (path.includes(DAY) ? { errno: 'EIO' } : undefined);
    arrive(5);
    await until(() => collected.eventNames().includes('store-not-written'));
    collected.disk.faults.heal();
    await until(() => collected.datagramsOn(DAY) === 5);
    stopping.abort();
    await running;
    expect(collected.eventNames()).toEqual(['store-not-written', 'store-written-again']);
  });

  it('ends with the problem when it could not store everything', async () => {
    arrive(1);
    stopping.abort();
    collected.disk.faults.policy = (call) => (call === 'writeLater' ? { errno: 'ENOSPC' } : undefined);
    await expect(start({ clock: collected.clock })).rejects.toMatchObject({ code: 'disk-full' });
  });

  it('lets a receiver that asks wait for room, and takes all of it though it has ended', async () => {
    const asking = new AskingReceiver();
    collected.disk.heldWrites.hold();
    const large = (index: number): Buffer =>
      Buffer.concat([Buffer.from(`${String(index)} `), Buffer.alloc(LARGE_BYTES - 10, 'x')]);
    const count = Math.ceil(roomLimits.heldBytes / LARGE_BYTES) + 70;
    for (let index = 0; index < count; index += 1) arrive(1, asking, large(index));
    asking.stop();
    const running = start({}, [asking]);
    const roomBytes = roomLimits.heldBytes - roomLimits.spareTimes * LARGE_BYTES;
    await until(() => collected.figures.counted * LARGE_BYTES >= roomBytes);
    for (let turns = 0; turns < 100; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(collected.figures.counted * LARGE_BYTES).toBeLessThan(roomLimits.heldBytes);
    collected.disk.heldWrites.release();
    await running;
    expect([asking.outcomes.length, collected.figures.counted, collected.figures.dropped]).toEqual([count, count, 0]);
  });
});

describe('What ends collecting', () => {
  it('is that it cannot begin to receive', async () => {
    const startReceivers = (): Promise<never> => Promise.reject(new Error('no socket'));
    await expect(start({ startReceivers })).rejects.toThrow('no socket');
  });

  it('is a receiver that fails, after everything is stored that has come from all of them', async () => {
    const other = new FakeReceiver();
    const running = start({}, [receiver, other]);
    arrive(1, receiver);
    arrive(100, other);
    receiver.fail(new Error('recvmmsg: ENOMEM'));
    await expect(running).rejects.toThrow('recvmmsg: ENOMEM');
    expect([collected.datagramsOn(DAY), other.ended]).toEqual([101, true]);
  });

  it('is a tally that fails, at once', async () => {
    let fail: (error: Error) => void = () => undefined;
    const startTally: CollectOptions['startTally'] = (tell) => {
      const failed = new Promise<never>((_, reject) => (fail = reject));
      const tally = collected.startTally(tell);
      const runner: TallyRunner = {
        failed,
        announce: (day, journal) => {
          tally.announce(day, journal);
        },
        end: (day, isLocked) => {
          tally.end(day, isLocked);
        },
        settled: (mostMs) => tally.settled(mostMs),
        stop: (mostMs) => tally.stop(mostMs),
      };
      return runner;
    };
    const running = start({ startTally });
    fail(new Error('a bug'));
    await expect(running).rejects.toThrow('a bug');
  });
});
