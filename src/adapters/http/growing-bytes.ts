/**
 * What comes piece by piece, in one piece: a client decides how small they are, and each that was kept as it came would take far more than it holds.
 */
const FIRST_BYTES = 4_096;

export class GrowingBytes {
  #room = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** To be used until more is added. */
  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#room.length) this.#grow(length);
    this.#room.set(piece, this.#length);
    this.#length = length;
  }

  /** Twofold at least, so that all in all little is copied. */
  #grow(length: number): void {
    const room = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#room.length, FIRST_BYTES));
    room.set(this.bytes);
    this.#room = room;
  }
}
