/**
 * Receives many datagrams with one system call: recvmmsg(2) into buffers that are laid out once.
 *
 * The kernel writes to the addresses in the message headers whenever it is called, so the headers, the vectors and the buffers are
 * held by this object for as long as it lives. Were one of them collected, the kernel would write into freed memory and say nothing.
 *
 * It neither changes the socket nor depends on how it was set up, as it may have been inherited from a process that uses it too. It
 * waits with poll(2), not with a time-out of the socket, and receives without waiting: that holds for a blocking and a non-blocking
 * descriptor alike.
 *
 * SO_RCVBUF is left alone, as it bounds nothing here: on Linux a queued unix datagram is charged to the buffer of its sender (SO_SNDBUF,
 * 167 datagrams of 530 bytes by default), and the receiver's queue is bounded by number, net.unix.max_dgram_qlen. Measured: 513
 * datagrams of ten senders are queued with a receive buffer of 4,608 bytes as well as with one of 8 MiB.
 */
import { loadLibc } from '#support/libc.ts';
import type { Libc } from '#support/libc.ts';
import { CONTROL_BYTES, discardDescriptors } from './passed-descriptors.ts';

const VECTOR_BYTES = 16; // struct iovec
const HEADER_BYTES = 64; // struct mmsghdr
const VECTOR_POINTER_OFFSET = 16; // msg_iov
const VECTOR_COUNT_OFFSET = 24; // msg_iovlen
const CONTROL_POINTER_OFFSET = 32; // msg_control
const CONTROL_LENGTH_OFFSET = 40; // msg_controllen
const RECEIVED_OFFSET = 56; // msg_len

const POLLIN = 1;
const POLL_BYTES = 8; // struct pollfd
/** How long a receiver waits before it looks whether it is to stop. */
const WAIT_MS = 100;

interface BatchSize {
  readonly datagrams: number;
  readonly datagramBytes: number;
}

export class RecvmmsgBatch {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #size: BatchSize;
  readonly #bytes: Buffer;
  readonly #vectors: Buffer;
  readonly #control: Buffer;
  readonly #headers: Buffer;
  readonly #poll = Buffer.alloc(POLL_BYTES);

  /** `bytes` is the memory that it receives into. */
  constructor(fd: number, size: BatchSize, bytes: Buffer, libc = loadLibc()) {
    this.#libc = libc;
    this.#fd = fd;
    this.#size = size;
    this.#bytes = bytes;
    this.#vectors = Buffer.alloc(size.datagrams * VECTOR_BYTES);
    this.#control = Buffer.alloc(size.datagrams * CONTROL_BYTES);
    this.#headers = Buffer.alloc(size.datagrams * HEADER_BYTES);
    this.#layOut();
    this.#poll.writeInt32LE(fd, 0);
    this.#poll.writeInt16LE(POLLIN, 4);
  }

  /** Takes what is there; waits a moment when that is nothing. Returns how many came, and may return 0. */
  receive(): number {
    const count = this.receiveQueued();
    return count === 0 && this.#waitForOne() ? this.receiveQueued() : count;
  }

  /** Takes what is there, without waiting. */
  receiveQueued(): number {
    const count = this.#libc.recvmmsg(this.#fd, this.#headers, this.#size.datagrams);
    for (let index = 0; index < count; index += 1) this.#discardPassed(index);
    return count;
  }

  /** Where one of those that came begins in the memory; it is valid until the next call. */
  startOf(index: number): number {
    return index * this.#size.datagramBytes;
  }

  lengthOf(index: number): number {
    return this.#headers.readUInt32LE(index * HEADER_BYTES + RECEIVED_OFFSET);
  }

  /** The kernel has put the length that it used in the place of the one that there is. */
  #discardPassed(index: number): void {
    const lengthAt = index * HEADER_BYTES + CONTROL_LENGTH_OFFSET;
    const length = this.#headers.readUInt32LE(lengthAt);
    if (length > 0) discardDescriptors(this.#control, index * CONTROL_BYTES, length, this.#libc);
    this.#headers.writeUInt32LE(CONTROL_BYTES, lengthAt);
  }

  #waitForOne(): boolean {
    return this.#libc.poll(this.#poll, 1, WAIT_MS) > 0;
  }

  #layOut(): void {
    const bytesAt = this.#libc.addressOf(this.#bytes);
    const controlAt = this.#libc.addressOf(this.#control);
    const vectorsAt = this.#libc.addressOf(this.#vectors);
    for (let index = 0; index < this.#size.datagrams; index += 1) {
      const vector = index * VECTOR_BYTES;
      this.#vectors.writeBigUInt64LE(bytesAt + BigInt(index * this.#size.datagramBytes), vector);
      this.#vectors.writeBigUInt64LE(BigInt(this.#size.datagramBytes), vector + 8);
      const header = index * HEADER_BYTES;
      this.#headers.writeBigUInt64LE(vectorsAt + BigInt(vector), header + VECTOR_POINTER_OFFSET);
      this.#headers.writeBigUInt64LE(1n, header + VECTOR_COUNT_OFFSET);
      this.#headers.writeBigUInt64LE(controlAt + BigInt(index * CONTROL_BYTES), header + CONTROL_POINTER_OFFSET);
      this.#headers.writeBigUInt64LE(BigInt(CONTROL_BYTES), header + CONTROL_LENGTH_OFFSET);
    }
  }
}
