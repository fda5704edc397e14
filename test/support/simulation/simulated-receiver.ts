/**
 * A receiver that gets what the simulation gives it, at a time that the simulation knows.
 */
import type { Receiver } from '#pipeline/collect/receiver.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Arrival {
  readonly bytes: Buffer;
  readonly arrivedMs: number;
}

export class SimulatedReceiver implements Receiver {
  readonly failure = undefined;
  readonly waitingBytes = 0;
  ended = false;
  readonly #clock: VirtualClock;
  readonly #arrivals: Arrival[] = [];
  #wake: (() => void) | undefined;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** True while the collector waits for this receiver alone. */
  get isWaitedFor(): boolean {
    return this.#wake !== undefined;
  }

  give(bytes: Buffer): void {
    this.#arrivals.push({ bytes, arrivedMs: this.#clock.nowMs() });
    this.#wake?.();
  }

  take(limit: number, visit: (bytes: Buffer, arrivedMs: number) => void): number {
    const taken = this.#arrivals.splice(0, limit);
    for (const { bytes, arrivedMs } of taken) visit(bytes, arrivedMs);
    return taken.length;
  }

  wait(timeoutMs: number): Promise<void> {
    if (this.ended || this.#arrivals.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.setAlarm(timeoutMs, () => this.#wake?.());
      this.#wake = () => {
        this.#wake = undefined;
        cancel();
        resolve();
      };
    });
  }

  stop(): void {
    this.ended = true;
    this.#wake?.();
  }
}
