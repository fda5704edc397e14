/**
 * Numbers texts from 0 on, and knows each again by 128 bits of its SHA-256 digest.
 *
 * Nothing is kept but the digests, in one array, so millions cost little memory and the garbage collector nothing.
 */
import { hash } from 'node:crypto';

const WORDS = 4;
const FIRST_NUMBERS = 1_024;

export class DigestTable {
  /** Four words for each number. */
  #digests = new Int32Array(FIRST_NUMBERS * WORDS);
  /** A number plus one, or 0 for a free slot; always at least as many free ones as taken ones. */
  #slots = new Int32Array(FIRST_NUMBERS * 2);
  #size = 0;
  #last: Int32Array = new Int32Array(WORDS);

  get size(): number {
    return this.#size;
  }

  /** Undefined for a text that has no number. */
  find(text: string): number | undefined {
    this.#last = digestOf(text);
    const taken = this.#slots[this.#slotOf(this.#last)] ?? 0;
    return taken > 0 ? taken - 1 : undefined;
  }

  /** The next number, for the text that was looked for last and has none yet. */
  addLast(): number {
    const number = this.#size;
    this.#digests.set(this.#last, number * WORDS);
    this.#slots[this.#slotOf(this.#last)] = number + 1;
    this.#size += 1;
    if (this.#size * WORDS === this.#digests.length) this.#grow();
    return number;
  }

  /** Where the digest is, or the free slot where it would go. */
  #slotOf(digest: Int32Array): number {
    const mask = this.#slots.length - 1;
    let slot = (digest[0] ?? 0) & mask;
    for (let taken = this.#slots[slot] ?? 0; taken > 0; taken = this.#slots[slot] ?? 0) {
      if (this.#isAt(taken - 1, digest)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isAt(number: number, digest: Int32Array): boolean {
    const start = number * WORDS;
    for (let word = 0; word < WORDS; word += 1) if (this.#digests[start + word] !== digest[word]) return false;
    return true;
  }

  #grow(): void {
    const digests = new Int32Array(this.#digests.length * 2);
    digests.set(this.#digests);
    this.#digests = digests;
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let number = 0; number < this.#size; number += 1) {
      const digest = digests.subarray(number * WORDS, (number + 1) * WORDS);
      this.#slots[this.#slotOf(digest)] = number + 1;
    }
  }
}

function digestOf(text: string): Int32Array {
  const bytes = hash('sha256', text, 'buffer');
  return new Int32Array(bytes.buffer, bytes.byteOffset, WORDS);
}
