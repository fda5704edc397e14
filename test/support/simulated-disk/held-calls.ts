/**
 * Calls that take until the test says so, as on a disk that stalls.
 */
export class HeldCalls {
  #isHolding = false;
  #waiting: (() => void)[] = [];

  hold(): void {
    this.#isHolding = true;
  }

  /** Lets those go on that wait, in order, and all later ones. */
  release(): void {
    this.#isHolding = false;
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /** Lets the one go on that waits longest; false when there is none. */
  releaseOne(): boolean {
    const goOn = this.#waiting.shift();
    goOn?.();
    return goOn !== undefined;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  turn(): Promise<void> {
    if (!this.#isHolding) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
