/**
 * Reads a journal from the disk, transaction by transaction, as far as it is whole.
 *
 * The file that was opened stays the one that is read, also when a writer puts another in its place.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errnoOf } from '#support/problem.ts';
import {
  FRAME_HEADER_BYTES,
  HEADER_BYTES,
  isWhole,
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
  /** How many bytes from the start are known to be whole, as far as the transactions have been read. */
  wholeBytes = HEADER_BYTES;

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
    const header = this.#bytes(this.wholeBytes, FRAME_HEADER_BYTES);
    if (header.length < FRAME_HEADER_BYTES) return undefined;
    const start = this.wholeBytes + FRAME_HEADER_BYTES;
    const end = start + payloadBytesOf(header);
    if (end > this.sizeBytes) return undefined;
    const payload = this.#bytes(start, end - start);
    if (!isWhole(header, payload)) return undefined;
    this.wholeBytes = end;
    return payload;
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
