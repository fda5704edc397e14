/**
 * Receives datagrams that come as lines, one each: replay, tests, and MTAs without libtlsrpt. Implements collect's port.
 *
 * It reads no faster than its lines are taken, and names the lines that cannot be used.
 */
import type { Outcome, Receiver } from '#pipeline/collect/receiver.ts';

export interface LineReceiverOptions {
  readonly lines: AsyncIterable<Buffer>;
  readonly nowMs: () => number;
  /** Called for each line that is not empty, in order; the first line is number 1. */
  readonly settled: (line: number, outcome: Outcome) => void;
}

interface Line {
  readonly number: number;
  readonly bytes: Buffer;
}

/** A few turns of the collector. */
const MOST_WAITING = 4_096;
const MOST_WAITING_BYTES = 4_194_304;

export class LineReceiver implements Receiver {
  failure: Error | undefined;
  ended = false;
  waitingBytes = 0;
  readonly canWait = true;
  readonly settled: (outcome: Outcome) => void;
  readonly #nowMs: () => number;
  readonly #waiting: Line[] = [];
  /** Lines that were taken and of which nothing is known yet. */
  readonly #taken: number[] = [];
  #isStopped = false;
  #wakeTaker: () => void = () => undefined;
  #wakeReader: () => void = () => undefined;

  constructor({ lines, nowMs, settled }: LineReceiverOptions) {
    this.#nowMs = nowMs;
    this.settled = (outcome) => {
      settled(this.#taken.shift() ?? 0, outcome);
    };
    void this.#read(lines);
  }

  take(limit: number, visit: (bytes: Buffer, arrivedMs: number) => void): number {
    const lines = this.#waiting.splice(0, limit);
    for (const { number, bytes } of lines) {
      this.#taken.push(number);
      this.waitingBytes -= bytes.length;
      visit(bytes, this.#nowMs());
    }
    this.#wakeReader();
    return lines.length;
  }

  /** Lets input and output have their turn in any case. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#waiting.length > 0 || this.ended ? 0 : timeoutMs);
      this.#wakeTaker = () => {
        clearTimeout(timer);
        setImmediate(resolve);
      };
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.ended = true;
    this.#wakeTaker();
    this.#wakeReader();
  }

  async #read(lines: AsyncIterable<Buffer>): Promise<void> {
    let number = 0;
    try {
      for await (const bytes of lines) {
        number += 1;
        if (this.#isStopped) break;
        if (bytes.length === 0) continue;
        this.#waiting.push({ number, bytes });
        this.waitingBytes += bytes.length;
        this.#wakeTaker();
        if (this.#isFull) await this.#room();
      }
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
    this.ended = true;
    this.#wakeTaker();
  }

  get #isFull(): boolean {
    return this.#waiting.length >= MOST_WAITING || this.waitingBytes >= MOST_WAITING_BYTES;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeReader = () => {
        if (!this.#isFull || this.#isStopped) resolve();
      };
    });
  }
}
