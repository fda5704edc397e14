/**
 * Works off a queue: begins an attempt whenever a slot is free, until nothing is left or it is told to stop.
 *
 * An attempt may give its slot free before it comes to its end, when all that is left to do is to wait for the disk.
 *
 * After the word to stop, or a failure, nothing further is begun, and what is under way comes to its end: its outcome is still to be noted.
 * The failure is thrown then.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeliveryQueue, Slot } from './delivery-queue.ts';

/** Attempts may end without waiting for anything, by the thousand: signals, and the time-outs of others, count meanwhile. */
const BEGUN_PER_TURN = 100;

export async function workOff<T>(
  queue: DeliveryQueue<T>,
  attempt: (item: T, giveSlotFree: () => void) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  let [begun, underWay] = [0, 0];
  let wake = (): void => undefined;
  const begin = async ({ item, done }: Slot<T>): Promise<void> => {
    underWay += 1;
    const giveSlotFree = (): void => {
      done();
      wake();
    };
    try {
      await attempt(item, giveSlotFree);
    } catch (error) {
      failure.abort(error);
    } finally {
      underWay -= 1;
      giveSlotFree();
    }
  };
  for (;;) {
    while (!stopping.aborted && !failure.signal.aborted) {
      const slot = queue.take();
      if (!slot) break;
      void begin(slot);
      begun += 1;
      if (begun % BEGUN_PER_TURN === 0) await nextTurn();
    }
    if (underWay === 0) break;
    await new Promise<void>((resolve) => (wake = resolve));
  }
  failure.signal.throwIfAborted();
}
