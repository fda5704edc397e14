/**
 * A queue of datagrams in memory that two threads share: one puts, the other takes, neither ever waits for a lock.
 *
 * Each datagram lies in one piece: length, arrival time, bytes, rounded up to eight. A length of `WRAP` sends the reader back to the
 * start. When there is no room `put` says so and changes nothing, so the kernel's queue takes the pressure and nothing is overwritten.
 *
 * What lies here is lost when the process is killed. So a datagram finds room only where it leaves some, the more the larger it is: bursts of
 * small ones fill the whole ring, while large ones, of which a full ring takes long to empty, wait where they are.
 *
 * Behind it lies an inbox, from which `put` copies. Moving bytes within one array takes no view of them, so putting allocates nothing:
 * whoever puts is never held up by the collection of garbage.
 */
const HEAD = 0;
const TAIL = 1;
const CAPACITY = 2;
const SPARE_TIMES = 3;
const CONTROL_BYTES = 64;
const LENGTH_BYTES = 8;
const HEADER_BYTES = 16;
const WRAP = 0xffffffff;

interface RingSize {
  /** A multiple of eight. */
  readonly capacityBytes: number;
  /** How many times its size a datagram leaves free, unless it is alone. */
  readonly spareTimes: number;
  readonly inboxBytes: number;
}

export class SharedRing {
  readonly shared: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #bytes: Buffer;
  readonly #capacity: number;
  readonly #spareTimes: number;
  /** Memory for whoever puts. */
  readonly inbox: Buffer;

  /** A new ring, or another thread's. */
  constructor(source: RingSize | SharedArrayBuffer) {
    this.shared = source instanceof SharedArrayBuffer ? source : allocate(source);
    this.#control = controlOf(this.shared);
    this.#capacity = Atomics.load(this.#control, CAPACITY);
    this.#spareTimes = Atomics.load(this.#control, SPARE_TIMES);
    this.#bytes = Buffer.from(this.shared, CONTROL_BYTES);
    this.inbox = this.#bytes.subarray(this.#capacity);
  }

  /** Puts `length` bytes that lie at `source` in the inbox. False when there is no room for them now. */
  put(source: number, length: number, arrivedMs: number): boolean {
    if (!this.#leavesSpare(length)) return false;
    const head = Atomics.load(this.#control, HEAD);
    const start = this.#roomFor(head, Atomics.load(this.#control, TAIL), roundedUp(HEADER_BYTES + length));
    if (start === undefined) return false;
    if (start !== head) this.#bytes.writeUInt32LE(WRAP, head);
    this.#bytes.writeUInt32LE(length, start);
    this.#bytes.writeDoubleLE(arrivedMs, start + LENGTH_BYTES);
    const from = this.#capacity + source;
    this.#bytes.copyWithin(start + HEADER_BYTES, from, from + length);
    Atomics.store(this.#control, HEAD, this.#wrapped(start + roundedUp(HEADER_BYTES + length)));
    return true;
  }

  /** Visits at most `limit` datagrams, oldest first; their room is free again after each visit. */
  take(limit: number, visit: (bytes: Buffer, arrivedMs: number) => void): number {
    let tail = Atomics.load(this.#control, TAIL);
    let taken = 0;
    for (; taken < limit && tail !== Atomics.load(this.#control, HEAD); taken += 1) {
      if (this.#bytes.readUInt32LE(tail) === WRAP) tail = 0;
      const length = this.#bytes.readUInt32LE(tail);
      const start = tail + HEADER_BYTES;
      visit(this.#bytes.subarray(start, start + length), this.#bytes.readDoubleLE(tail + LENGTH_BYTES));
      tail = this.#wrapped(tail + roundedUp(HEADER_BYTES + length));
      Atomics.store(this.#control, TAIL, tail);
    }
    return taken;
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#control, HEAD) === Atomics.load(this.#control, TAIL);
  }

  get usedBytes(): number {
    const used = Atomics.load(this.#control, HEAD) - Atomics.load(this.#control, TAIL);
    return used < 0 ? used + this.#capacity : used;
  }

  #leavesSpare(length: number): boolean {
    const { usedBytes } = this;
    return usedBytes === 0 || usedBytes + length * (1 + this.#spareTimes) <= this.#capacity;
  }

  /** Where `size` bytes fit in one piece; the head never catches up with the tail, since equal means empty. */
  #roomFor(head: number, tail: number, size: number): number | undefined {
    if (head < tail) return head + size < tail ? head : undefined;
    const toTheEnd = this.#capacity - head;
    if (size < toTheEnd || (size === toTheEnd && tail > 0)) return head;
    return size < tail ? 0 : undefined;
  }

  #wrapped(position: number): number {
    return position === this.#capacity ? 0 : position;
  }
}

function allocate({ capacityBytes, spareTimes, inboxBytes }: RingSize): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(CONTROL_BYTES + capacityBytes + inboxBytes);
  Atomics.store(controlOf(shared), SPARE_TIMES, spareTimes);
  Atomics.store(controlOf(shared), CAPACITY, capacityBytes);
  return shared;
}

function controlOf(shared: SharedArrayBuffer): Int32Array {
  return new Int32Array(shared, 0, CONTROL_BYTES / Int32Array.BYTES_PER_ELEMENT);
}

function roundedUp(size: number): number {
  return (size + 7) & ~7;
}
