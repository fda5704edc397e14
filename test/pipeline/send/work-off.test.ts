import { describe, expect, it } from 'vitest';
import { DeliveryQueue } from '#pipeline/send/delivery-queue.ts';
import { workOff } from '#pipeline/send/work-off.ts';

const neverStopping = new AbortController().signal;

function queueOf(items: number, parallel: number): DeliveryQueue<number> {
  const queue = new DeliveryQueue<number>({ parallel, parallelPerHost: parallel });
  for (let item = 0; item < items; item += 1) queue.add(item, { way: 'mailto', host: 'good.example' });
  return queue;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('workOff', () => {
  it('begins all that there is, one as soon as another has ended', async () => {
    let [active, most] = [0, 0];
    const ended: number[] = [];
    await workOff(
      queueOf(10, 3),
      async (item) => {
        active += 1;
        most = Math.max(most, active);
        await turns(item === 0 ? 20 : 2);
        active -= 1;
        ended.push(item);
      },
      neverStopping,
    );
    expect(ended.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).toBe(3);
  });

  it('begins another where one has given its slot free, and ends when all have', async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    await workOff(
      queueOf(3, 1),
      async (item, giveSlotFree) => {
        begun.push(item);
        giveSlotFree();
        await turns(3);
        expect(begun).toEqual([0, 1, 2]);
        ended.push(item);
      },
      neverStopping,
    );
    expect(ended).toEqual([0, 1, 2]);
  });

  it('begins nothing after it was told to stop, and waits for what is under way', async () => {
    const stopping = new AbortController();
    const ended: number[] = [];
    await workOff(
      queueOf(10, 2),
      async (item) => {
        if (item === 2) stopping.abort();
        await turns(3);
        ended.push(item);
      },
      stopping.signal,
    );
    expect(ended).toEqual([0, 1, 2]);
  });

  it('hears the word to stop while one attempt after the other ends without waiting for anything', async () => {
    const stopping = new AbortController();
    setImmediate(() => {
      stopping.abort();
    });
    let ended = 0;
    const attempt = (): Promise<void> => {
      ended += 1;
      return Promise.resolve();
    };
    await workOff(queueOf(10_000, 3), attempt, stopping.signal);
    expect(ended).toBeLessThan(10_000);
  });

  it('begins nothing after a failure, waits for what is under way, and throws it', async () => {
    const ended: number[] = [];
    const worked = workOff(
      queueOf(5, 2),
      async (item) => {
        await turns(item === 0 ? 1 : 5);
        if (item === 0) throw new Error('a bug');
        ended.push(item);
      },
      neverStopping,
    );
    await expect(worked).rejects.toThrow('a bug');
    expect(ended).toEqual([1]);
  });

  it('ends at once when there is nothing', async () => {
    await workOff(queueOf(0, 2), () => Promise.reject(new Error('nothing to attempt')), neverStopping);
  });
});
