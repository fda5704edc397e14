/**
 * Gives each datagram a number, the same whenever the same bytes come, so that they need not be parsed or journaled again.
 *
 * Bytes are known by 64 bits of a hash with a secret key. When the table is full all numbers are given anew: also when the datagrams are
 * so much text that what the tally remembers of them would become large.
 */
import { KeyedHash } from './keyed-hash.ts';
import { RecentDatagrams } from './recent-datagrams.ts';

const SLOTS = 524_288;
/** Well below the number of slots, so that a free one is found soon. */
export const MAX_DATAGRAMS = 350_000;
/** Of text: as much as can wait for the disk, so that what is known stays known meanwhile. What is remembered of it takes little more memory. */
const MAX_TEXT_BYTES = 201_326_592;

export class DatagramTable {
  readonly #hash: KeyedHash;
  readonly #recent = new RecentDatagrams();
  readonly #hashes = new Int32Array(SLOTS * 2);
  /** A number plus one, or 0 for a free slot. */
  readonly #numbers = new Int32Array(SLOTS);
  /** 1 for each number whose bytes came more than once. */
  readonly #repeated = new Uint8Array(MAX_DATAGRAMS);
  /** Where the one that was looked for last would go. */
  #freeSlot = 0;
  #size = 0;
  #textBytes = 0;
  readonly #maxTextBytes: number;
  /** How often numbers were given anew. */
  generation = 0;

  constructor(hash = new KeyedHash(), maxTextBytes = MAX_TEXT_BYTES) {
    this.#hash = hash;
    this.#maxTextBytes = maxTextBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** From 0 on; undefined for a datagram that is not known. To be asked again by whoever finds that `generation` has changed. */
  find(bytes: Buffer): number | undefined {
    const recent = this.#recent.find(bytes);
    if (recent !== undefined) return recent;
    const number = this.#numberByHash(bytes);
    if (number !== undefined) this.#recent.keep(bytes, number);
    return number;
  }

  /** True once for each number: to be asked when its bytes have come again. */
  isFirstRepetition(number: number): boolean {
    if (this.#repeated[number] === 1) return false;
    this.#repeated[number] = 1;
    return true;
  }

  /** Gives a number to the one that was looked for last, and is not known. */
  add(bytes: Buffer): number {
    const { low, high } = this.#hash;
    const hasRoom = this.#size < MAX_DATAGRAMS && this.#textBytes + bytes.length <= this.#maxTextBytes;
    if (!hasRoom) this.#beginAnew();
    const slot = hasRoom ? this.#freeSlot : low & (SLOTS - 1);
    this.#hashes[slot * 2] = low;
    this.#hashes[slot * 2 + 1] = high;
    this.#size += 1;
    this.#textBytes += bytes.length;
    this.#numbers[slot] = this.#size;
    this.#recent.keep(bytes, this.#size - 1);
    return this.#size - 1;
  }

  #numberByHash(bytes: Buffer): number | undefined {
    this.#hash.update(bytes);
    const { low, high } = this.#hash;
    let slot = low & (SLOTS - 1);
    for (let taken = this.#numbers[slot] ?? 0; taken > 0; taken = this.#numbers[slot] ?? 0) {
      if (this.#hashes[slot * 2] === low && this.#hashes[slot * 2 + 1] === high) return taken - 1;
      slot = (slot + 1) & (SLOTS - 1);
    }
    this.#freeSlot = slot;
    return undefined;
  }

  #beginAnew(): void {
    this.#numbers.fill(0);
    this.#repeated.fill(0);
    this.#recent.clear();
    this.#size = 0;
    this.#textBytes = 0;
    this.generation += 1;
  }
}
