/**
 * Notes in the ledger what attempts have led to: those that end at the same time in one transaction, since each waits for the disk.
 *
 * Whoever asks for a note bounds how many are on their way, since a crash forgets those.
 */
import type { DeliveryResult, Outbox } from '#store/outbox.ts';

interface Waiting {
  readonly result: DeliveryResult;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What comes alone waits so long for others. */
const PATIENCE_MS = 5;

export class OutcomeNotes {
  readonly #outbox: Outbox;
  readonly #batch: number;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Writes at once when so many wait. */
  constructor(outbox: Outbox, batch: number) {
    this.#outbox = outbox;
    this.#batch = batch;
  }

  /** Resolves once the result is safe on disk. */
  note(result: DeliveryResult): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ result, resolve, reject });
      if (this.#waiting.length >= this.#batch) this.#write();
      else
        this.#timer ??= setTimeout(() => {
          this.#write();
        }, PATIENCE_MS);
    });
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
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
