/**
 * HalfSipHash-1-3 with 64 bits of key and of result: a hash with a secret, so nobody can choose two datagrams that pass for each other.
 *
 * SipHash is by Aumasson and Bernstein (https://www.aumasson.jp/siphash/siphash.pdf); the half variant works on words of 32 bits, which
 * JavaScript has, and is what Linux uses for its own hash tables.
 */
import { randomBytes } from 'node:crypto';

const ROUNDS_AT_END = 3;

export class KeyedHash {
  /** The result of the last `update`. */
  low = 0;
  high = 0;
  readonly #key0: number;
  readonly #key1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  constructor(key: Buffer = randomBytes(8)) {
    this.#key0 = key.readInt32LE(0);
    this.#key1 = key.readInt32LE(4);
  }

  update(bytes: Uint8Array): void {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1 ^ 0xee;
    this.#v2 = 0x6c796765 ^ this.#key0;
    this.#v3 = 0x74656462 ^ this.#key1;
    this.#compress(wordsOf(bytes), lastWord(bytes));
    this.#v2 ^= 0xee;
    for (let round = 0; round < ROUNDS_AT_END; round += 1) this.#mix();
    this.low = this.#v1 ^ this.#v3;
    this.#v1 ^= 0xdd;
    for (let round = 0; round < ROUNDS_AT_END; round += 1) this.#mix();
    this.high = this.#v1 ^ this.#v3;
  }

  /** In local variables, since this is where the time goes: set one by one, as V8 takes what comes from an array for anything but integers. */
  #compress(words: Int32Array, last: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    for (let index = 0; index <= words.length; index += 1) {
      const word = index < words.length ? (words[index] ?? 0) : last;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }

  #mix(): void {
    this.#v0 = (this.#v0 + this.#v1) | 0;
    this.#v1 = rotated(this.#v1, 5) ^ this.#v0;
    this.#v0 = rotated(this.#v0, 16);
    this.#v2 = (this.#v2 + this.#v3) | 0;
    this.#v3 = rotated(this.#v3, 8) ^ this.#v2;
    this.#v0 = (this.#v0 + this.#v3) | 0;
    this.#v3 = rotated(this.#v3, 7) ^ this.#v0;
    this.#v2 = (this.#v2 + this.#v1) | 0;
    this.#v1 = rotated(this.#v1, 13) ^ this.#v2;
    this.#v2 = rotated(this.#v2, 16);
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Whole words only; bytes that do not begin on a word, as on standard input, are copied. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length >> 2);
}

/** The bytes behind the last whole word, with the length as the highest byte. */
function lastWord(bytes: Uint8Array): number {
  let word = bytes.length << 24;
  const start = bytes.length & ~3;
  for (let index = start; index < bytes.length; index += 1) word |= (bytes[index] ?? 0) << (8 * (index - start));
  return word;
}
