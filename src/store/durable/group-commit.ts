/**
 * Gathers the changes that come while a transaction is on its way to the disk into the next one, as each waits for the disk.
 *
 * They are made in the order in which they were put. When the disk refuses a transaction, all changes in it fail. A bug is about some of
 * them: each is then made by itself, and only those fail that cannot be.
 */
import { isBug } from '#support/internal-error.ts';
import type { Change } from './changes.ts';

interface WaitingChanges {
  readonly changes: readonly Change[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #transact: (changes: readonly Change[]) => Promise<void>;
  #waiting: WaitingChanges[] = [];
  #isCommitting = false;

  constructor(transact: (changes: readonly Change[]) => Promise<void>) {
    this.#transact = transact;
  }

  /** Resolves once the changes are safe from loss of power. */
  put(changes: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject });
      if (this.#isCommitting) return;
      this.#isCommitting = true;
      // By then everything that has arrived meanwhile has been read.
      setImmediate(() => void this.#commitAll());
    });
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0));
    this.#isCommitting = false;
  }

  async #commit(group: readonly WaitingChanges[]): Promise<void> {
    try {
      await this.#transact(group.flatMap(({ changes }) => changes));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length > 1 && isBug(error)) for (const one of group) await this.#commit([one]);
      else for (const { reject } of group) reject(error);
    }
  }
}
