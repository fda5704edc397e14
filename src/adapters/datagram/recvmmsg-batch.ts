/**
 * Receives many datagrams with one system call: recvmmsg(2) into buffers that are laid out once.
 *
 * The kernel writes to the addresses in the message headers whenever it is called, so the headers, the vectors and the buffers are
 * held by this object for as long as it lives. Were one of them collected, the kernel would write into freed memory and say nothing.
 *
 * It waits with poll(2), not with a time-out of the socket, and receives without waiting: that holds for a blocking and a non-blocking
 * descriptor alike.
 *
 * SO_RCVBUF is left alone, as it bounds nothing here: on Linux a queued unix datagram is charged to the buffer of its sender (SO_SNDBUF,
 * 167 datagrams of 530 bytes by default), and the receiver's queue is bounded by number, net.unix.max_dgram_qlen. Measured: 513
 * datagrams of ten senders are queued with a receive buffer of 4,608 bytes as well as with one of 8 MiB.
 */
import { SystemCallError } from '#support/libc.ts';
import type { Libc } from '#support/libc.ts';
import type { BatchSize, DatagramBatch } from './datagram-batch.ts';

const VECTOR_BYTES = 16; // struct iovec
const HEADER_BYTES = 64; // struct mmsghdr
const VECTOR_POINTER_OFFSET = 16; // msg_iov
const VECTOR_COUNT_OFFSET = 24; // msg_iovlen
const RECEIVED_OFFSET = 56; // msg_len

const MSG_DONTWAIT = 0x40;
const POLLIN = 1;
const POLL_BYTES = 8; // struct pollfd
/** How long a receiver waits before it looks whether it is to stop. */
const WAIT_MS = 100;

export class RecvmmsgBatch implements DatagramBatch {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #size: BatchSize;
  readonly #bytes: Buffer;
  readonly #vectors: Buffer;
  readonly #headers: Buffer;
  readonly #poll = Buffer.alloc(POLL_BYTES);

  constructor(libc: Libc, fd: number, size: BatchSize) {
    this.#libc = libc;
    this.#fd = fd;
    this.#size = size;
    this.#bytes = Buffer.alloc(size.datagrams * size.datagramBytes);
    this.#vectors = Buffer.alloc(size.datagrams * VECTOR_BYTES);
    this.#headers = Buffer.alloc(size.datagrams * HEADER_BYTES);
    this.#layOut();
    this.#poll.writeInt32LE(fd, 0);
    this.#poll.writeInt16LE(POLLIN, 4);
  }

  receive(): number {
    const count = this.receiveQueued();
    return count === 0 && this.#waitForOne() ? this.receiveQueued() : count;
  }

  receiveQueued(): number {
    return unlessInterrupted(() =>
      this.#libc.recvmmsg(this.#fd, this.#headers, this.#size.datagrams, MSG_DONTWAIT, null),
    );
  }

  datagram(index: number): Buffer {
    const start = index * this.#size.datagramBytes;
    return this.#bytes.subarray(start, start + this.#headers.readUInt32LE(index * HEADER_BYTES + RECEIVED_OFFSET));
  }

  #waitForOne(): boolean {
    return unlessInterrupted(() => this.#libc.poll(this.#poll, 1, WAIT_MS)) > 0;
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

function unlessInterrupted(call: () => number): number {
  try {
    return call();
  } catch (error) {
    if (error instanceof SystemCallError && (error.code === 'EAGAIN' || error.code === 'EINTR')) return 0;
    throw error;
  }
}
