/**
 * Receives datagrams where the C library cannot be called: each read(2) of a socket takes one.
 *
 * The descriptor does not block (see non-blocking.ts), as a thread that hangs in a read keeps Node.js from ending. Node.js cannot wait for
 * such a descriptor either, so this looks again after 1 ms, and after 8 ms when nothing has come for a while: at 30,000 datagrams per
 * second the queue holds 240 by then, of 512. Looking costs about 1 % of a processor.
 */
import { readSync } from 'node:fs';
import { errnoOf } from '#support/problem.ts';
import type { BatchSize, DatagramBatch } from './datagram-batch.ts';

const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 8;

export class ReadBatch implements DatagramBatch {
  readonly #fd: number;
  readonly #size: BatchSize;
  readonly #bytes: Buffer;
  readonly #lengths: number[] = [];
  #pauseMs = SHORTEST_PAUSE_MS;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  constructor(fd: number, size: BatchSize) {
    this.#fd = fd;
    this.#size = size;
    this.#bytes = Buffer.alloc(size.datagrams * size.datagramBytes);
  }

  receive(): number {
    const count = this.receiveQueued();
    if (count === 0) this.#pause();
    else this.#pauseMs = SHORTEST_PAUSE_MS;
    return count;
  }

  receiveQueued(): number {
    let count = 0;
    for (; count < this.#size.datagrams; count += 1) {
      const length = this.#readInto(count);
      if (length === undefined) break;
      this.#lengths[count] = length;
    }
    return count;
  }

  datagram(index: number): Buffer {
    const start = index * this.#size.datagramBytes;
    return this.#bytes.subarray(start, start + (this.#lengths[index] ?? 0));
  }

  #pause(): void {
    Atomics.wait(this.#sleeper, 0, 0, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** Undefined when nothing is there; 0 is a datagram without content. */
  #readInto(index: number): number | undefined {
    const { datagramBytes } = this.#size;
    try {
      return readSync(this.#fd, this.#bytes, index * datagramBytes, datagramBytes, null);
    } catch (error) {
      if (errnoOf(error) === 'EAGAIN') return undefined;
      throw error;
    }
  }
}
