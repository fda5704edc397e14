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
/** Of text. What is remembered of a datagram takes little more memory than its text does, and as much room in the day's file. */
const MAX_TEXT_BYTES = 134_217_728;

export class DatagramTable {
  readonly #hash: KeyedHash;
  readonly #recent = new RecentDatagrams();
  readonly #hashes = new Int32Array(SLOTS * 2);
  /** A number plus one, or 0 for a free slot. */
  readonly #numbers = new Int32Array(SLOTS);
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

  /** From 0 on. To be asked again by whoever finds that `generation` has changed. */
  numberOf(bytes: Buffer): number {
    const recent = this.#recent.find(bytes);
    if (recent !== undefined) return recent;
    const number = this.#numberByHash(bytes);
    this.#recent.keep(bytes, number);
    return number;
  }

  #numberByHash(bytes: Buffer): number {
    this.#hash.update(bytes);
    const { low, high } = this.#hash;
    let slot = low & (SLOTS - 1);
    for (let taken = this.#numbers[slot] ?? 0; taken > 0; taken = this.#numbers[slot] ?? 0) {
      if (this.#hashes[slot * 2] === low && this.#hashes[slot * 2 + 1] === high) return taken - 1;
      slot = (slot + 1) & (SLOTS - 1);
    }
    const hasRoom = this.#size < MAX_DATAGRAMS && this.#textBytes + bytes.length <= this.#maxTextBytes;
    this.#add(hasRoom ? slot : this.#begunAnew(low), low, high);
    this.#textBytes += bytes.length;
    return this.#size - 1;
  }

  #add(slot: number, low: number, high: number): void {
    this.#hashes[slot * 2] = low;
    this.#hashes[slot * 2 + 1] = high;
    this.#size += 1;
    this.#numbers[slot] = this.#size;
  }

  #begunAnew(low: number): number {
    this.#numbers.fill(0);
    this.#recent.clear();
    this.#size = 0;
    this.#textBytes = 0;
    this.generation += 1;
    return low & (SLOTS - 1);
  }
}
