/**
 * A receiver of datagrams without a source: what the test says has arrived, has.
 */
import type { Outcome, Receiver } from '#pipeline/collect/receiver.ts';

interface Arrival {
  readonly bytes: Buffer;
  readonly arrivedMs: number;
}

export class FakeReceiver implements Receiver {
  failure: Error | undefined;
  ended = false;
  /** How much it was told to take in one go, each time. */
  readonly limits: number[] = [];
  readonly #arrivals: Arrival[] = [];
  #wake: () => void = () => undefined;

  /** Called with each datagram that is taken. */
  onTaken: (bytes: Buffer) => void = () => undefined;

  get waitingBytes(): number {
    return this.#arrivals.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  arrive(bytes: Buffer, arrivedMs: number): void {
    this.#arrivals.push({ bytes: Buffer.from(bytes), arrivedMs });
    this.#wake();
  }

  fail(error: Error): void {
    this.failure = error;
    this.stop();
  }

  take(limit: number, visit: (bytes: Buffer, arrivedMs: number) => void): number {
    this.limits.push(limit);
    const taken = this.#arrivals.splice(0, limit);
    for (const { bytes, arrivedMs } of taken) {
      this.onTaken(bytes);
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

/** One that is told what became of each datagram. */
export class AskingReceiver extends FakeReceiver {
  readonly outcomes: Outcome[] = [];
  readonly canWait = true;

  settled(outcome: Outcome): void {
    this.outcomes.push(outcome);
  }
}
