/**
 * What every Receiver must do, run on each implementation and on the fake.
 *
 * A test file calls `describeReceiver` with a function that starts a receiver and says how to send to it.
 */
import { describe, expect, it } from 'vitest';
import type { Receiver } from '#pipeline/collect/receiver.ts';
import { systemClock } from '#support/clock.ts';

export interface ReceiverSubject {
  readonly receiver: Receiver;
  /** Resolves once all of them are with the kernel, or with the receiver. */
  readonly send: (datagrams: readonly Buffer[]) => void | Promise<void>;
}

export interface ReceiverTraits {
  /** Whether something without content is a datagram. */
  readonly takesEmpty: boolean;
}

interface Taken {
  readonly text: string;
  readonly arrivedMs: number;
}

const LONG_MS = 10_000;

export function describeReceiver(
  name: string,
  start: () => Promise<ReceiverSubject>,
  { takesEmpty }: ReceiverTraits = { takesEmpty: true },
): void {
  describe(`${name} as a receiver of datagrams`, () => {
    it('hands out each datagram once, oldest first, with the time of its arrival', async () => {
      const { receiver, send } = await start();
      const texts = Array.from({ length: 50 }, (_, index) => `datagram ${String(index)} ${'x'.repeat(index * 20)}`);
      const beforeMs = systemClock.nowMs();
      await send(texts.map((text) => Buffer.from(text)));
      const taken = await takeAtLeast(receiver, texts.length);
      expect(taken.map(({ text }) => text)).toEqual(texts);
      const times = taken.map(({ arrivedMs }) => arrivedMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.every((timeMs) => timeMs >= beforeMs && timeMs <= systemClock.nowMs())).toBe(true);
      await end(receiver);
    });

    it('hands out no more at once than it is asked for', async () => {
      const { receiver, send } = await start();
      await send(['a', 'b', 'c', 'd', 'e'].map((text) => Buffer.from(text)));
      const rest = await end(receiver, () => ['first two', ...takeNow(receiver, 2).map(({ text }) => text)]);
      expect(rest).toEqual(['first two', 'a', 'b', 'c', 'd', 'e']);
    });

    it('has nothing to take when nothing has arrived, and stops waiting in time', async () => {
      const { receiver } = await start();
      await receiver.wait(1);
      expect(takeNow(receiver)).toEqual([]);
      expect([receiver.ended, receiver.failure]).toEqual([false, undefined]);
      await end(receiver);
    });

    it('wakes whoever waits when something arrives', async () => {
      const { receiver, send } = await start();
      for (const text of ['one', 'two', 'three']) {
        const woken = receiver.wait(LONG_MS);
        await send([Buffer.from(text)]);
        await woken;
        expect((await takeAtLeast(receiver, 1)).map((taken) => taken.text)).toEqual([text]);
      }
      await end(receiver);
    });

    it(`takes large datagrams${takesEmpty ? ', and ones without content' : ''}`, async () => {
      const { receiver, send } = await start();
      const sizes = [0, 1, 100_000, 0, 7];
      await send(sizes.map((size) => Buffer.alloc(size, 'z')));
      const expected = takesEmpty ? sizes : sizes.filter((size) => size > 0);
      const taken = await takeAtLeast(receiver, expected.length);
      expect(taken.map(({ text }) => text)).toEqual(expected.map((size) => 'z'.repeat(size)));
      await end(receiver);
    });

    it('hands out all that was sent before it was told to stop, and then has ended', async () => {
      const { receiver, send } = await start();
      const texts = Array.from({ length: 3_000 }, (_, index) => `datagram ${String(index)}`);
      await send(texts.map((text) => Buffer.from(text)));
      expect(await end(receiver)).toEqual(texts);
    });

    it('ends, wakes whoever waits, and can be stopped again', async () => {
      const { receiver } = await start();
      const woken = receiver.wait(LONG_MS);
      receiver.stop();
      await woken;
      await end(receiver);
      expect([receiver.ended, receiver.failure, takeNow(receiver)]).toEqual([true, undefined, []]);
      await receiver.wait(LONG_MS);
    });
  });
}

function takeNow(receiver: Receiver, limit = 100): Taken[] {
  const taken: Taken[] = [];
  const count = receiver.take(limit, (bytes, arrivedMs) => {
    taken.push({ text: bytes.toString('latin1'), arrivedMs });
  });
  expect(count).toBe(taken.length);
  return taken;
}

async function takeAtLeast(receiver: Receiver, count: number): Promise<Taken[]> {
  const taken: Taken[] = [];
  while (taken.length < count) {
    await receiver.wait(LONG_MS);
    taken.push(...takeNow(receiver));
  }
  return taken;
}

/** Stops it as collect does, and returns what there was left, after what `first` took. */
async function end(receiver: Receiver, first: () => string[] = () => []): Promise<string[]> {
  receiver.stop();
  while (!receiver.ended) await receiver.wait(LONG_MS);
  const taken = first();
  for (let more = takeNow(receiver); more.length > 0; more = takeNow(receiver))
    taken.push(...more.map(({ text }) => text));
  return taken;
}
