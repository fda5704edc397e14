/**
 * How many reports are on their way at once. One is until its outcome is in the ledger, so a crash has no more than these transmitted again.
 */
export class Transmissions {
  #free: number;
  /** Those who wait, in the order in which they came. */
  readonly #waiting: (() => void)[] = [];

  constructor(parallel: number) {
    this.#free = parallel;
  }

  /** Acts once fewer than so many others do. */
  async begin<T>(transmit: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await transmit();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
