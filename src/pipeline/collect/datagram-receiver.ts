/**
 * The port through which collect gets datagrams: something that drains a socket faster than the tally needs them.
 *
 * `take` hands out what has arrived, oldest first, each once; the bytes may be used during the visit only. `wait` resolves when there
 * is something to take, when the receiver has ended, or after the time-out, whichever comes first.
 * `stop` asks the receiver to take what the kernel has queued already and then end; a repeated call changes nothing. Once `ended` is
 * true nothing more arrives, but what has arrived can still be taken.
 * A receiver that fails ends, and `failure` says why.
 */
export interface DatagramReceiver {
  take(limit: number, visit: (bytes: Buffer, arrivedMs: number) => void): number;
  wait(timeoutMs: number): Promise<void>;
  stop(): void;
  /** How much is waiting to be taken. */
  readonly waitingBytes: number;
  readonly ended: boolean;
  readonly failure: Error | undefined;
}
