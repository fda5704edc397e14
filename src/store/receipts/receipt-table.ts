/**
 * Knows the receipts of what was posted in the last hour, so that what is posted again counts once.
 *
 * Its memory is bounded: where more is posted in an hour, it knows the latest million at least.
 */
import { RECEIPT_BYTES } from '../durable/receipts.ts';
import { DigestTable } from '../tally/digest-table.ts';

/** For how long the same may be posted again. */
export const RETRY_MS = 3_600_000;
const MOST_IN_A_TABLE = 1_000_000;
export const MOST_RECEIPTS = 2 * MOST_IN_A_TABLE;
const WORDS = RECEIPT_BYTES / Int32Array.BYTES_PER_ELEMENT;

export class ReceiptTable {
  readonly #steadyMs: () => number;
  readonly #most: number;
  #earlier = new DigestTable();
  #latest = new DigestTable();
  /** Since when receipts go into the latest, by the monotonic clock. */
  #sinceMs: number;
  readonly #digest = new Int32Array(WORDS);

  constructor(steadyMs: () => number, most = MOST_IN_A_TABLE) {
    this.#steadyMs = steadyMs;
    this.#most = most;
    this.#sinceMs = steadyMs();
  }

  /** False for one that is known already. */
  add(receipt: Buffer): boolean {
    const digest = this.#digestOf(receipt);
    if (this.#latest.find(digest) !== undefined || this.#earlier.find(digest) !== undefined) return false;
    if (this.#latest.size >= this.#most || this.#steadyMs() - this.#sinceMs >= RETRY_MS) this.#turnOver();
    this.#latest.add(digest);
    return true;
  }

  /** What is in the earlier one then is an hour old, or one of many. */
  #turnOver(): void {
    this.#earlier = this.#latest;
    this.#latest = new DigestTable();
    this.#sinceMs = this.#steadyMs();
  }

  #digestOf(receipt: Buffer): Int32Array {
    for (let word = 0; word < WORDS; word += 1) this.#digest[word] = receipt.readInt32LE(word * 4);
    return this.#digest;
  }
}
