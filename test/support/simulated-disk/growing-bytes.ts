/**
 * Bytes at positions, zeros where none were written, in one buffer that grows by doubling.
 */
const SMALLEST_BYTES = 4_096;

export class GrowingBytes {
  /** All zeros from `#length` on. */
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view, until the next write. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  read(into: Uint8Array, at: number): number {
    const end = Math.min(this.#length, at + into.length);
    if (end <= at) return 0;
    into.set(this.#buffer.subarray(at, end));
    return end - at;
  }

  write(bytes: Uint8Array, at: number): void {
    const end = at + bytes.length;
    if (end > this.#buffer.length) this.#grow(end);
    this.#buffer.set(bytes, at);
    this.#length = Math.max(this.#length, end);
  }

  clear(): void {
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
  }

  #grow(atLeast: number): void {
    const larger = Buffer.alloc(Math.max(SMALLEST_BYTES, atLeast, this.#buffer.length * 2));
    larger.set(this.bytes());
    this.#buffer = larger;
  }
}
