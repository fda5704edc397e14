/**
 * What a frame says of the datagrams that came: each under a number, its bytes when it first comes, and how often it came.
 *
 * A number stands for the same bytes from then on, in all later frames of the day, until a frame says that numbers begin anew. So a
 * datagram that comes a million times costs its bytes once, and eight more in each frame.
 *
 * Flags, number of definitions, the definitions (number, length, bytes), then pairs of number and count; each figure 32 bits.
 */
import { FRAME_HEADER_BYTES, newFrame } from '../durable/journal-format.ts';
import { formatReceipts } from '../durable/receipts.ts';
import { isNumbered } from './number-column.ts';

const NUMBERS_BEGIN_ANEW = 1;
const HEADER_BYTES = 8;
const DEFINITION_BYTES = 8;
const PAIR_BYTES = 8;
const FIRST_BYTES = 65_536;
/**
 * Room beyond this is given back once it has been used. A frame of the usual size must fit: growing anew for each takes four times
 * its size of new memory, which the collector's main thread has to collect.
 */
const KEPT_BYTES = 2_097_152;
const NO_RECEIPTS = Buffer.alloc(0);

/** Collects what the next frame will say. */
export class DatagramBatch {
  #definitions = Buffer.allocUnsafe(FIRST_BYTES);
  #definitionsEnd = 0;
  #defined = 0;
  #counts = new Int32Array(1_024);
  #counted: number[] = [];
  #beginsAnew = false;
  #receipts: Buffer[] = [];

  get isEmpty(): boolean {
    return this.#counted.length === 0;
  }

  /** Of text, which is what can become large. */
  get sizeBytes(): number {
    return this.#definitionsEnd;
  }

  /** To be said before anything is defined: the next frame is to be without what came before. */
  beginAnew(): void {
    this.#beginsAnew = true;
  }

  /** `bytes` are copied. */
  define(number: number, bytes: Uint8Array): void {
    const start = this.#room(DEFINITION_BYTES + bytes.length);
    this.#definitions.writeUInt32LE(number, start);
    this.#definitions.writeUInt32LE(bytes.length, start + 4);
    this.#definitions.set(bytes, start + DEFINITION_BYTES);
    this.#defined += 1;
  }

  count(number: number): void {
    if (number >= this.#counts.length) this.#growCounts(number);
    if (this.#counts[number] === 0) this.#counted.push(number);
    this.#counts[number] = (this.#counts[number] ?? 0) + 1;
  }

  /** The frame is to have the receipt of one that is counted. */
  receipt(receipt: Buffer): void {
    this.#receipts.push(receipt);
  }

  /** Whether the next frame is of the kind that has receipts. */
  get hasReceipts(): boolean {
    return this.#receipts.length > 0;
  }

  /** Everything, as a frame without its header; afterwards there is nothing. */
  cut(): Buffer {
    const receipts = this.hasReceipts ? formatReceipts(this.#receipts) : NO_RECEIPTS;
    const pairsStart = HEADER_BYTES + this.#definitionsEnd;
    const frame = newFrame(receipts.length + pairsStart + this.#counted.length * PAIR_BYTES);
    receipts.copy(frame, FRAME_HEADER_BYTES);
    this.#receipts = [];
    const payload = frame.subarray(FRAME_HEADER_BYTES + receipts.length);
    payload.writeUInt32LE(this.#beginsAnew ? NUMBERS_BEGIN_ANEW : 0, 0);
    payload.writeUInt32LE(this.#defined, 4);
    this.#definitions.copy(payload, HEADER_BYTES, 0, this.#definitionsEnd);
    this.#cutPairs(payload, pairsStart);
    if (this.#definitions.length > KEPT_BYTES) this.#definitions = Buffer.allocUnsafe(FIRST_BYTES);
    this.#definitionsEnd = 0;
    this.#defined = 0;
    this.#beginsAnew = false;
    return frame;
  }

  #cutPairs(payload: Buffer, start: number): void {
    let place = start;
    for (const number of this.#counted) {
      payload.writeUInt32LE(number, place);
      payload.writeUInt32LE(this.#counts[number] ?? 0, place + 4);
      this.#counts[number] = 0;
      place += PAIR_BYTES;
    }
    this.#counted = [];
  }

  #room(bytes: number): number {
    const start = this.#definitionsEnd;
    let size = this.#definitions.length;
    while (size < start + bytes) size *= 2;
    if (size > this.#definitions.length) {
      const larger = Buffer.allocUnsafe(size);
      this.#definitions.copy(larger, 0, 0, start);
      this.#definitions = larger;
    }
    this.#definitionsEnd = start + bytes;
    return start;
  }

  #growCounts(number: number): void {
    let length = this.#counts.length;
    while (length <= number) length *= 2;
    const counts = new Int32Array(length);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

export interface PayloadVisitor {
  /** All numbers are free again. */
  beginAnew(): void;
  /** `bytes` are valid during the visit. */
  define(number: number, bytes: Buffer): void;
  count(number: number, times: number): void;
}

/** Visits what a payload says, in its order. False, without a visit, for bytes that nobody wrote as one. */
export function visitPayload(payload: Buffer, visitor: PayloadVisitor): boolean {
  if (!isPayload(payload)) return false;
  if ((payload.readUInt32LE(0) & NUMBERS_BEGIN_ANEW) !== 0) visitor.beginAnew();
  const definitions = payload.readUInt32LE(4);
  let place = HEADER_BYTES;
  for (let index = 0; index < definitions; index += 1) {
    const start = place + DEFINITION_BYTES;
    const end = start + payload.readUInt32LE(place + 4);
    visitor.define(payload.readUInt32LE(place), payload.subarray(start, end));
    place = end;
  }
  for (; place < payload.length; place += PAIR_BYTES) {
    visitor.count(payload.readUInt32LE(place), payload.readUInt32LE(place + 4));
  }
  return true;
}

/** Whether everything ends where it should, and has a number that a datagram can have. */
function isPayload(payload: Buffer): boolean {
  if (payload.length < HEADER_BYTES) return false;
  let place = HEADER_BYTES;
  for (let left = payload.readUInt32LE(4); left > 0; left -= 1) {
    if (place + DEFINITION_BYTES > payload.length || !isNumbered(payload.readUInt32LE(place))) return false;
    place += DEFINITION_BYTES + payload.readUInt32LE(place + 4);
  }
  if (place > payload.length || (payload.length - place) % PAIR_BYTES !== 0) return false;
  for (; place < payload.length; place += PAIR_BYTES) if (!isNumbered(payload.readUInt32LE(place))) return false;
  return true;
}
