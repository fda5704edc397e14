/**
 * Receives many datagrams with one system call: recvmmsg(2) into buffers that are laid out once.
 *
 * The kernel writes to the addresses in the message headers whenever it is called, so the headers, the vectors and the buffers are
 * held by this object for as long as it lives. Were one of them collected, the kernel would write into freed memory and say nothing.
 */
import { SystemCallError } from '#support/libc.ts';
import type { Libc } from '#support/libc.ts';

const VECTOR_BYTES = 16; // struct iovec
const HEADER_BYTES = 64; // struct mmsghdr
const VECTOR_POINTER_OFFSET = 16; // msg_iov
const VECTOR_COUNT_OFFSET = 24; // msg_iovlen
const RECEIVED_OFFSET = 56; // msg_len

const MSG_DONTWAIT = 0x40;
const MSG_WAITFORONE = 0x10000;

export interface BatchSize {
  readonly datagrams: number;
  readonly datagramBytes: number;
}

export class DatagramBatch {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #size: BatchSize;
  readonly #bytes: Buffer;
  readonly #vectors: Buffer;
  readonly #headers: Buffer;

  constructor(libc: Libc, fd: number, size: BatchSize) {
    this.#libc = libc;
    this.#fd = fd;
    this.#size = size;
    this.#bytes = Buffer.alloc(size.datagrams * size.datagramBytes);
    this.#vectors = Buffer.alloc(size.datagrams * VECTOR_BYTES);
    this.#headers = Buffer.alloc(size.datagrams * HEADER_BYTES);
    this.#layOut();
  }

  /** Waits for the first datagram until the socket's time-out, then takes what else is there. Returns how many came. */
  receive(): number {
    return this.#call(MSG_WAITFORONE);
  }

  /** Takes what is there, without waiting. */
  receiveQueued(): number {
    return this.#call(MSG_DONTWAIT);
  }

  /** The bytes of a received datagram begin at `start`; valid until the next call. */
  datagram(index: number): { readonly bytes: Buffer; readonly length: number } {
    const start = index * this.#size.datagramBytes;
    const length = this.#headers.readUInt32LE(index * HEADER_BYTES + RECEIVED_OFFSET);
    return { bytes: this.#bytes.subarray(start, start + length), length };
  }

  #call(flags: number): number {
    try {
      return this.#libc.recvmmsg(this.#fd, this.#headers, this.#size.datagrams, flags, null);
    } catch (error) {
      if (error instanceof SystemCallError && (error.code === 'EAGAIN' || error.code === 'EINTR')) return 0;
      throw error;
    }
  }

  #layOut(): void {
    const bytesAt = this.#libc.addressOf(this.#bytes);
    const vectorsAt = this.#libc.addressOf(this.#vectors);
    for (let index = 0; index < this.#size.datagrams; index += 1) {
      const vector = index * VECTOR_BYTES;
      this.#vectors.writeBigUInt64LE(bytesAt + BigInt(index * this.#size.datagramBytes), vector);
      this.#vectors.writeBigUInt64LE(BigInt(this.#size.datagramBytes), vector + 8);
      const header = index * HEADER_BYTES;
      this.#headers.writeBigUInt64LE(vectorsAt + BigInt(vector), header + VECTOR_POINTER_OFFSET);
      this.#headers.writeBigUInt64LE(1n, header + VECTOR_COUNT_OFFSET);
    }
  }
}
