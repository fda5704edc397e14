/**
 * Several datagrams at a time from a socket, into memory that is laid out once.
 *
 * Two kinds: one calls recvmmsg(2), the other makes do with what Node.js has. Neither changes the socket or depends on how it
 * was set up, as it may have been inherited from a process that uses it too.
 */
export interface BatchSize {
  readonly datagrams: number;
  readonly datagramBytes: number;
}

export interface DatagramBatch {
  /** Takes what is there; waits a moment when that is nothing. Returns how many came, and may return 0. */
  receive(): number;
  /** Takes what is there, without waiting. */
  receiveQueued(): number;
  /** One of those that came; its bytes are valid until the next call. */
  datagram(index: number): Buffer;
}
