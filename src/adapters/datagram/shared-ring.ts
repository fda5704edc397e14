/**
 * A queue of datagrams in memory that two threads share: one puts, the other takes, neither ever waits for a lock.
 *
 * Each datagram lies in one piece: length, arrival time, bytes, rounded up to eight. A length of `WRAP` sends the reader back to the
 * start. When there is no room `put` says so and changes nothing, so the kernel's queue takes the pressure and nothing is overwritten.
 */
const HEAD = 0;
const TAIL = 1;
const CONTROL_BYTES = 64;
const LENGTH_BYTES = 8;
const HEADER_BYTES = 16;
const WRAP = 0xffffffff;

export class SharedRing {
  readonly shared: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #bytes: Buffer;

  /** A new ring of `capacityBytes` (a multiple of eight), or another thread's. */
  constructor(source: number | SharedArrayBuffer) {
    this.shared = typeof source === 'number' ? new SharedArrayBuffer(CONTROL_BYTES + source) : source;
    this.#control = new Int32Array(this.shared, 0, CONTROL_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.#bytes = Buffer.from(this.shared, CONTROL_BYTES);
  }

  /** False when there is no room for it now. */
  put(bytes: Buffer, arrivedMs: number): boolean {
    const { length } = bytes;
    const head = Atomics.load(this.#control, HEAD);
    const start = this.#roomFor(head, Atomics.load(this.#control, TAIL), roundedUp(HEADER_BYTES + length));
    if (start === undefined) return false;
    if (start !== head) this.#bytes.writeUInt32LE(WRAP, head);
    this.#bytes.writeUInt32LE(length, start);
    this.#bytes.writeDoubleLE(arrivedMs, start + LENGTH_BYTES);
    bytes.copy(this.#bytes, start + HEADER_BYTES);
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
    return used < 0 ? used + this.#bytes.length : used;
  }

  /** Where `size` bytes fit in one piece; the head never catches up with the tail, since equal means empty. */
  #roomFor(head: number, tail: number, size: number): number | undefined {
    if (head < tail) return head + size < tail ? head : undefined;
    const toTheEnd = this.#bytes.length - head;
    if (size < toTheEnd || (size === toTheEnd && tail > 0)) return head;
    return size < tail ? 0 : undefined;
  }

  #wrapped(position: number): number {
    return position === this.#bytes.length ? 0 : position;
  }
}

function roundedUp(size: number): number {
  return (size + 7) & ~7;
}
