/**
 * A receiver of datagrams without a socket: what the test says has arrived, has.
 */
import type { DatagramReceiver } from '#pipeline/collect/datagram-receiver.ts';

interface Arrival {
  readonly bytes: Buffer;
  readonly arrivedMs: number;
}

export class FakeReceiver implements DatagramReceiver {
  failure: Error | undefined;
  ended = false;
  waitingBytes = 0;
  readonly #arrivals: Arrival[] = [];
  #wake: () => void = () => undefined;

  arrive(bytes: Buffer, arrivedMs: number): void {
    this.#arrivals.push({ bytes: Buffer.from(bytes), arrivedMs });
    this.#wake();
  }

  fail(error: Error): void {
    this.failure = error;
    this.stop();
  }

  take(limit: number, visit: (bytes: Buffer, arrivedMs: number) => void): number {
    const taken = this.#arrivals.splice(0, limit);
    for (const { bytes, arrivedMs } of taken) {
      visit(bytes, arrivedMs);
      bytes.fill(0); // they may be used during the visit only
    }
    return taken.length;
  }

  wait(timeoutMs: number): Promise<void> {
    if (this.ended || this.#arrivals.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  stop(): void {
    this.ended = true;
    this.#wake();
  }
}
