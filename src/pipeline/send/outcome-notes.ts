/**
 * Notes in the ledger what attempts have led to: those that end at the same time in one transaction, since each waits for the disk.
 *
 * An attempt counts as under way until its outcome is noted, so no more of them than are allowed at once can be forgotten by a crash.
 */
import type { DeliveryResult, Outbox } from '#store/outbox.ts';

interface Waiting {
  readonly result: DeliveryResult;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class OutcomeNotes {
  readonly #outbox: Outbox;
  #waiting: Waiting[] = [];

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Resolves once the result is safe on disk. */
  note(result: DeliveryResult): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ result, resolve, reject });
      // By then everything that has arrived meanwhile has been read.
      if (this.#waiting.length === 1)
        setImmediate(() => {
          this.#write();
        });
    });
  }

  #write(): void {
    const written = this.#waiting;
    this.#waiting = [];
    try {
      this.#outbox.noteResults(written.map(({ result }) => result));
      for (const { resolve } of written) resolve();
    } catch (error) {
      for (const { reject } of written) reject(error);
    }
  }
}
