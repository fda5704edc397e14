/**
 * Reads a journal from the disk, transaction by transaction. What cannot be read is passed over, as long as something whole follows it.
 *
 * The file that was opened stays the one that is read, also when a writer puts another in its place.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errnoOf } from '#support/problem.ts';
import {
  FRAME_HEADER_BYTES,
  HEADER_BYTES,
  isWhole,
  PAYLOAD_START,
  payloadBytesOf,
  readHeader,
  readPayload,
} from './journal-format.ts';
import type { Change } from './journal-format.ts';

export class JournalReader {
  readonly #fd: number;
  readonly sizeBytes: number;
  /** Undefined when the first bytes are not those of a journal. */
  readonly generation: number | undefined;
  /** Where the last whole transaction ends, as far as they have been read. */
  wholeBytes = HEADER_BYTES;
  /** How many bytes before that could not be read: not what a crash leaves, which tears off the end. */
  skippedBytes = 0;

  private constructor(fd: number) {
    this.#fd = fd;
    this.sizeBytes = fstatSync(fd).size;
    this.generation = readHeader(this.#bytes(0, HEADER_BYTES));
  }

  /** Undefined when there is no journal. */
  static open(path: string): JournalReader | undefined {
    const fd = openIfThere(path);
    if (fd === undefined) return undefined;
    try {
      return new JournalReader(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** From the frame that begins at `fromByte` to the last whole one; the changes of each are to be read before the next is asked for. */
  *transactions(fromByte = HEADER_BYTES): Generator<Iterable<Change>> {
    this.wholeBytes = fromByte;
    for (let payload = this.#nextPayload(); payload; payload = this.#nextPayload()) yield readPayload(payload);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #nextPayload(): Buffer | undefined {
    return this.#payloadAt(this.wholeBytes) ?? this.#payloadBehind(this.wholeBytes);
  }

  /** Of the whole frame that begins at `start`; undefined when none does. */
  #payloadAt(start: number): Buffer | undefined {
    const header = this.#bytes(start, FRAME_HEADER_BYTES);
    if (header.length < FRAME_HEADER_BYTES) return undefined;
    const end = start + FRAME_HEADER_BYTES + payloadBytesOf(header);
    if (end > this.sizeBytes) return undefined;
    const payload = this.#bytes(start + FRAME_HEADER_BYTES, end - start - FRAME_HEADER_BYTES);
    if (!isWhole(header, payload)) return undefined;
    this.wholeBytes = end;
    return payload;
  }

  /** Looks for the next whole frame wherever one may begin. */
  #payloadBehind(damage: number): Buffer | undefined {
    const rest = this.#bytes(damage, Math.max(0, this.sizeBytes - damage));
    let place = rest.indexOf(PAYLOAD_START, FRAME_HEADER_BYTES + 1);
    for (; place >= 0; place = rest.indexOf(PAYLOAD_START, place + 1)) {
      const start = damage + place - FRAME_HEADER_BYTES;
      const payload = this.#payloadAt(start);
      if (!payload) continue;
      this.skippedBytes += start - damage;
      return payload;
    }
    return undefined;
  }

  /** Shorter where the file ends. */
  #bytes(start: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let read = 0;
    while (read < length) {
      const count = readSync(this.#fd, bytes, read, length - read, start + read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
