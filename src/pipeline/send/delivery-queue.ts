/**
 * What is to be delivered, and whose turn it is: the next delivery of a receiver that has a free slot.
 *
 * Receivers take turns, and each has its deliveries in the order in which they were added, so a slow receiver holds up nobody else,
 * whatever the order of names and however much there is for it. There are so many slots for each receiver and so many in all. Of those, each
 * way out keeps a quarter while it has deliveries: mails all leave through our own relay, so silent web servers, which strangers can name by
 * the thousand, do not stand in their way.
 */

export interface Receiver {
  /** The technology: `mailto`, `https`. */
  readonly way: string;
  /** Of an endpoint the host, of mailboxes their domain. */
  readonly host: string;
}

export interface QueueLimits {
  readonly parallel: number;
  readonly parallelPerHost: number;
}

export interface Slot<T> {
  readonly item: T;
  /** Gives the slot free; further calls do nothing. */
  readonly done: () => void;
}

interface ReceiverQueue<T> {
  readonly way: Way<T>;
  readonly host: string;
  readonly items: T[];
  /** How many of the items have had their turn. */
  taken: number;
  active: number;
}

interface Way<T> {
  readonly receivers: Map<string, ReceiverQueue<T>>;
  /** Those with an item and a free slot, whose turn it is next first. */
  readonly ready: Set<ReceiverQueue<T>>;
  /** How many items wait for their turn. */
  waiting: number;
  active: number;
}

/** Of the slots, for each way out. */
const KEPT_SHARE = 0.25;

export class DeliveryQueue<T> {
  readonly #limits: QueueLimits;
  readonly #ways = new Map<string, Way<T>>();
  #active = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  add(item: T, { way: name, host }: Receiver): void {
    const way = this.#wayOf(name);
    const queue = way.receivers.get(host) ?? { way, host, items: [], taken: 0, active: 0 };
    way.receivers.set(host, queue);
    queue.items.push(item);
    way.waiting += 1;
    this.#noteReadiness(queue);
  }

  /** Undefined when nobody who has an item has a free slot; the slot that is taken is taken until it is `done`. */
  take(): Slot<T> | undefined {
    for (const [name, way] of this.#ways) {
      const [queue] = way.ready;
      if (!queue || !this.#mayBegin(way)) continue;
      // The next turn is another way's.
      this.#ways.delete(name);
      this.#ways.set(name, way);
      return this.#takeFrom(queue);
    }
    return undefined;
  }

  /** Those for whom something waits, with how much it is. */
  *upcoming(name: string): Generator<readonly [host: string, items: number]> {
    for (const { host, items, taken } of this.#ways.get(name)?.receivers.values() ?? [])
      if (items.length > taken) yield [host, items.length - taken];
  }

  #wayOf(name: string): Way<T> {
    const way = this.#ways.get(name) ?? { receivers: new Map(), ready: new Set(), waiting: 0, active: 0 };
    this.#ways.set(name, way);
    return way;
  }

  #mayBegin(way: Way<T>): boolean {
    const { parallel } = this.#limits;
    let kept = 0;
    for (const other of this.#ways.values()) if (other !== way) kept += this.#keptFor(other);
    return this.#active < parallel && way.active < parallel - Math.min(kept, parallel - 1);
  }

  /** Slots that others leave to a way out which has a use for them. */
  #keptFor({ waiting, active }: Way<T>): number {
    const share = Math.max(1, Math.floor(this.#limits.parallel * KEPT_SHARE));
    return Math.min(share, waiting + active);
  }

  #takeFrom(queue: ReceiverQueue<T>): Slot<T> {
    const { way } = queue;
    const item = queue.items[queue.taken] as T;
    queue.taken += 1;
    way.waiting -= 1;
    way.ready.delete(queue); // so that it goes to the end
    this.#count(queue, 1);
    let isDone = false;
    return {
      item,
      done: () => {
        if (!isDone) this.#count(queue, -1);
        isDone = true;
      },
    };
  }

  #count(queue: ReceiverQueue<T>, change: 1 | -1): void {
    const { way } = queue;
    this.#active += change;
    way.active += change;
    queue.active += change;
    this.#noteReadiness(queue);
    if (queue.active === 0 && queue.taken === queue.items.length) way.receivers.delete(queue.host);
  }

  #noteReadiness(queue: ReceiverQueue<T>): void {
    const isReady = queue.taken < queue.items.length && queue.active < this.#limits.parallelPerHost;
    if (isReady) queue.way.ready.add(queue);
  }
}
