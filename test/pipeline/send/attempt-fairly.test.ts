import { describe, expect, it } from 'vitest';
import { attemptFairly } from '#pipeline/send/attempt-fairly.ts';

interface Item {
  readonly host: string;
  readonly id: number;
}

function itemsFor(...hosts: readonly string[]): Item[] {
  return hosts.map((host, id) => ({ host, id }));
}

/** Takes a few turns of the event loop. */
async function aWhile(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Works on everything, and tells what it saw. */
async function work(
  items: Iterable<Item>,
  fairness: { parallel: number; parallelPerHost: number },
): Promise<{ order: number[]; mostAtOnce: number; mostAtOnceOf: (host: string) => number }> {
  const active: string[] = [];
  const most = new Map<string, number>();
  const order: number[] = [];
  const note = (name: string, count: number): void => void most.set(name, Math.max(most.get(name) ?? 0, count));
  await attemptFairly(
    items,
    async ({ host, id }) => {
      order.push(id);
      active.push(host);
      note('all', active.length);
      note(host, active.filter((other) => other === host).length);
      await aWhile();
      active.splice(active.indexOf(host), 1);
    },
    fairness,
  );
  return { order, mostAtOnce: most.get('all') ?? 0, mostAtOnceOf: (host) => most.get(host) ?? 0 };
}

describe('attemptFairly', () => {
  it('has so many under way at once, and so many to each host', async () => {
    const hosts = Array.from({ length: 40 }, (_, index) => (index < 20 ? 'big' : `small-${String(index % 7)}`));
    const { order, mostAtOnce, mostAtOnceOf } = await work(itemsFor(...hosts), { parallel: 6, parallelPerHost: 2 });
    expect(order).toHaveLength(40);
    expect(mostAtOnce).toBe(6);
    expect(mostAtOnceOf('big')).toBe(2);
  });

  it('lets the others overtake a host that has many', async () => {
    const { order } = await work(itemsFor('big', 'big', 'big', 'big', 'small', 'other'), {
      parallel: 3,
      parallelPerHost: 1,
    });
    expect(order.slice(0, 3)).toEqual([0, 4, 5]);
  });

  it('reads only so far ahead', async () => {
    let asked = 0;
    function* endless(): Generator<Item> {
      for (; asked < 10_000; asked += 1) yield { host: String(asked % 50), id: asked };
    }
    let mostAhead = 0;
    let done = 0;
    await attemptFairly(
      endless(),
      async () => {
        mostAhead = Math.max(mostAhead, asked - done);
        await Promise.resolve();
        done += 1;
      },
      { parallel: 5, parallelPerHost: 2 },
    );
    expect(done).toBe(10_000);
    expect(mostAhead).toBeLessThanOrEqual(2_001);
  });

  it('begins nothing after a failure, and waits for what is under way', async () => {
    const ended: number[] = [];
    const attempted = attemptFairly(
      itemsFor('a', 'b', 'c', 'd', 'e'),
      async ({ id }) => {
        if (id > 0) await aWhile();
        else await new Promise((resolve) => setImmediate(resolve));
        if (id === 0) throw new Error('a bug');
        ended.push(id);
      },
      { parallel: 2, parallelPerHost: 2 },
    );
    await expect(attempted).rejects.toThrow('a bug');
    expect(ended).toEqual([1]);
  });

  it('waits for what is under way also when there is no reading on', async () => {
    const ended: number[] = [];
    function* breaking(): Generator<Item> {
      yield { host: 'a', id: 0 };
      throw new Error('cannot be read');
    }
    const attempted = attemptFairly(
      breaking(),
      async ({ id }) => {
        await aWhile();
        ended.push(id);
      },
      { parallel: 2, parallelPerHost: 2 },
    );
    await expect(attempted).rejects.toThrow('cannot be read');
    expect(ended).toEqual([]);
  });

  it('has nothing to do with nothing', async () => {
    expect((await work([], { parallel: 1, parallelPerHost: 1 })).order).toEqual([]);
  });
});
