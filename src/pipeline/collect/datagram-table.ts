/**
 * Leads from the bytes of a datagram that was seen before to a number, so that it need not be parsed again.
 *
 * Bytes are known by a fingerprint of 64 bits and their length, under a seed that changes with each process, so nobody can choose
 * datagrams that are taken for each other; among a million of them two
 * meet by chance once in ten million days.
 */
import { randomBytes } from 'node:crypto';

const SLOTS = 524_288;

/** To stay well below the number of slots, so that a free one is found soon. */
export const MAX_DATAGRAMS = 400_000;

export class DatagramTable {
  readonly #seeds = new Int32Array(new Uint8Array(randomBytes(8)).buffer);
  readonly #fingerprints = new Int32Array(SLOTS * 2);
  /** A number plus one, or 0 for a free slot. */
  readonly #numbers = new Int32Array(SLOTS);
  #size = 0;
  #high = 0;
  #low = 0;

  get size(): number {
    return this.#size;
  }

  find(bytes: Buffer): number | undefined {
    this.#fingerprint(bytes);
    const taken = this.#numbers[this.#slot()] ?? 0;
    return taken > 0 ? taken - 1 : undefined;
  }

  /** For the bytes that were looked for last. A full table takes nothing more until it is cleared. */
  rememberLast(number: number): void {
    if (this.#size >= MAX_DATAGRAMS) return;
    const slot = this.#slot();
    this.#fingerprints[slot * 2] = this.#high;
    this.#fingerprints[slot * 2 + 1] = this.#low;
    this.#numbers[slot] = number + 1;
    this.#size += 1;
  }

  clear(): void {
    this.#numbers.fill(0);
    this.#size = 0;
  }

  /** Where the fingerprint is, or the free slot where it would go. */
  #slot(): number {
    let slot = this.#low & (SLOTS - 1);
    while ((this.#numbers[slot] ?? 0) > 0 && !this.#isAt(slot)) slot = (slot + 1) & (SLOTS - 1);
    return slot;
  }

  #isAt(slot: number): boolean {
    return this.#fingerprints[slot * 2] === this.#high && this.#fingerprints[slot * 2 + 1] === this.#low;
  }

  /** Two lanes of multiply and rotate over words of four bytes, each mixed at the end as in MurmurHash3. */
  #fingerprint(bytes: Buffer): void {
    const words = wordsOf(bytes);
    let high = (this.#seeds[0] ?? 0) ^ bytes.length;
    let low = this.#seeds[1] ?? 0;
    for (let index = 0; index < words.length; index += 1) {
      const word = words[index] ?? 0;
      high = Math.imul(high ^ word, 0x9e3779b1);
      high = (high << 13) | (high >>> 19);
      low = Math.imul(low + word, 0x85ebca6b);
      low ^= low >>> 15;
    }
    for (let index = words.length * 4; index < bytes.length; index += 1) {
      high = Math.imul(high ^ (bytes[index] ?? 0), 0x9e3779b1);
      low = Math.imul(low + (bytes[index] ?? 0), 0x85ebca6b) ^ (low >>> 15);
    }
    this.#high = mixed(high ^ (low << 7));
    this.#low = mixed(low ^ high);
  }
}

/** Whole words only; bytes that do not begin on a word, as on standard input, are copied. */
function wordsOf(bytes: Buffer): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length >> 2);
}

function mixed(hash: number): number {
  let mix = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return mix ^ (mix >>> 16);
}
