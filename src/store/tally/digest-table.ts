/**
 * Leads from texts to numbers, knowing each text by 128 bits of its SHA-256 digest with a secret in front.
 *
 * The secret is drawn anew by each process, so nobody can choose texts that pass for each other, or that crowd around one slot. Nothing is kept but the digests, in one array, so millions cost little memory and the garbage collector nothing.
 */
import { hash, randomBytes } from 'node:crypto';

const WORDS = 4;
const FIRST_NUMBERS = 1_024;
const SECRET = randomBytes(16).toString('hex');

/** What stands for a text, in this process alone. */
export type Digest = Int32Array;

export class DigestTable {
  /** Four words for each number. */
  #digests = new Int32Array(FIRST_NUMBERS * WORDS);
  /** A number, or 0 for a free slot; always at least as many free ones as taken ones. */
  #slots = new Int32Array(FIRST_NUMBERS * 2);
  #size = 0;
  #lastNumber = 0;

  get size(): number {
    return this.#size;
  }

  /** The highest number that is given or passed over. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  /** That number is somebody else's: those that are given from now on are higher. */
  passOver(number: number): void {
    this.#lastNumber = Math.max(this.#lastNumber, number);
  }

  /** Undefined for a text that has no number. */
  find(digest: Digest): number | undefined {
    const taken = this.#slots[this.#slotOf(digest)] ?? 0;
    return taken > 0 ? taken : undefined;
  }

  /** For a text that has no number yet: the number after the highest, from 1 on, or the one that is given. */
  add(digest: Digest, number = this.#lastNumber + 1): number {
    while ((number + 1) * WORDS > this.#digests.length) this.#growDigests();
    this.#digests.set(digest, number * WORDS);
    this.#slots[this.#slotOf(digest)] = number;
    this.#size += 1;
    this.passOver(number);
    if (this.#size * 2 >= this.#slots.length) this.#growSlots();
    return number;
  }

  /** Where the digest is, or the free slot where it would go. */
  #slotOf(digest: Digest): number {
    const mask = this.#slots.length - 1;
    let slot = (digest[0] ?? 0) & mask;
    for (let taken = this.#slots[slot] ?? 0; taken > 0; taken = this.#slots[slot] ?? 0) {
      if (this.#isAt(taken, digest)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isAt(number: number, digest: Digest): boolean {
    const start = number * WORDS;
    for (let word = 0; word < WORDS; word += 1) if (this.#digests[start + word] !== digest[word]) return false;
    return true;
  }

  #growDigests(): void {
    const digests = new Int32Array(this.#digests.length * 2);
    digests.set(this.#digests);
    this.#digests = digests;
  }

  #growSlots(): void {
    const numbers = this.#slots.filter((number) => number > 0);
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (const number of numbers) {
      const digest = this.#digests.subarray(number * WORDS, (number + 1) * WORDS);
      this.#slots[this.#slotOf(digest)] = number;
    }
  }
}

export function digestOf(text: string): Digest {
  const bytes = hash('sha256', SECRET + text, 'buffer');
  return new Int32Array(bytes.buffer, bytes.byteOffset, WORDS);
}
