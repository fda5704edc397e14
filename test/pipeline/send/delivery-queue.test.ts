import { describe, expect, it } from 'vitest';
import { DeliveryQueue } from '#pipeline/send/delivery-queue.ts';
import type { QueueLimits, Slot } from '#pipeline/send/delivery-queue.ts';

/** Written as `way host`, one for each delivery; the item is where it stands. */
function queueOf(limits: QueueLimits, receivers: readonly string[]): DeliveryQueue<string> {
  const queue = new DeliveryQueue<string>(limits);
  receivers.forEach((receiver, index) => {
    const [way = '', host = ''] = receiver.split(' ');
    queue.add(`${receiver} ${String(index)}`, { way, host });
  });
  return queue;
}

/** All that can be under way at once. */
function takeAll(queue: DeliveryQueue<string>): Slot<string>[] {
  const slots: Slot<string>[] = [];
  for (let slot = queue.take(); slot; slot = queue.take()) slots.push(slot);
  return slots;
}

function itemsOf(slots: readonly Slot<string>[]): string[] {
  return slots.map(({ item }) => item);
}

const many = (receiver: string, count: number): string[] => Array<string>(count).fill(receiver);

describe('A queue of deliveries', () => {
  it('gives each receiver its turn, however much there is for one of them, in the order in which it was added', () => {
    const queue = queueOf({ parallel: 4, parallelPerHost: 2 }, [
      ...many('https big', 5_000),
      'https small',
      'https other',
    ]);
    expect(itemsOf(takeAll(queue))).toEqual(['https big 0', 'https small 5000', 'https other 5001', 'https big 1']);
  });

  it('has no more under way than it may, in all and for each receiver', () => {
    expect(takeAll(queueOf({ parallel: 6, parallelPerHost: 2 }, many('https big', 10)))).toHaveLength(2);
    const hosts = Array.from({ length: 10 }, (_, index) => `https ${String(index)}`);
    expect(takeAll(queueOf({ parallel: 6, parallelPerHost: 2 }, hosts))).toHaveLength(6);
  });

  it('goes on with a receiver when one of its deliveries is done', () => {
    const queue = queueOf({ parallel: 2, parallelPerHost: 1 }, many('https big', 3));
    const taken: string[] = [];
    for (let slot = queue.take(); slot; slot = queue.take()) {
      taken.push(slot.item);
      expect(queue.take()).toBeUndefined();
      slot.done();
    }
    expect(taken).toEqual(['https big 0', 'https big 1', 'https big 2']);
  });

  it.each([
    [20, 15],
    [4, 3],
    [2, 1],
  ])('of %i slots leaves no more than %i to silent web servers while there are mails', (parallel, mostWeb) => {
    const silent = Array.from({ length: 1_000 }, (_, index) => `https silent-${String(index)}`);
    const mails = Array.from({ length: 1_000 }, (_, index) => `mailto good-${String(index)}`);
    const queue = queueOf({ parallel, parallelPerHost: 2 }, [...silent, ...mails]);
    let web = 0;
    for (let round = 0; round < 20; round += 1)
      for (const { item, done } of takeAll(queue)) {
        if (item.startsWith('mailto')) done();
        else web += 1;
      }
    expect(web).toBe(mostWeb);
  });

  it('lets one way out have all slots where no other has deliveries', () => {
    const hosts = Array.from({ length: 30 }, (_, index) => `https ${String(index)}`);
    expect(takeAll(queueOf({ parallel: 20, parallelPerHost: 2 }, hosts))).toHaveLength(20);
  });

  it('gives the only slot to each way out in turn', () => {
    const queue = queueOf({ parallel: 1, parallelPerHost: 1 }, [...many('https a', 2), ...many('mailto b', 2)]);
    const taken: string[] = [];
    for (let slot = queue.take(); slot; slot = queue.take()) {
      taken.push(slot.item);
      expect(queue.take()).toBeUndefined();
      slot.done();
    }
    expect(taken).toEqual(['https a 0', 'mailto b 2', 'https a 1', 'mailto b 3']);
  });

  it('says for whom something waits', () => {
    const queue = queueOf({ parallel: 1, parallelPerHost: 1 }, ['https a', 'mailto b', 'https a', 'https c']);
    takeAll(queue);
    expect([...queue.upcoming('https')]).toEqual([
      ['a', 1],
      ['c', 1],
    ]);
    expect([...queue.upcoming('directory')]).toEqual([]);
  });
});
