/**
 * Texts that are too much for memory, for as long as a command runs: a file in the state directory that has no name any more, so nothing is
 * left of it whatever ends the command.
 *
 * Problems: disk-full, store-not-writable, store-not-readable.
 */
import { randomUUID } from 'node:crypto';
import { closeIfPossible, writeFully } from '#support/durable-file.ts';
import { readUpTo } from './durable/journal-reader.ts';
import type { StateDirectory } from './state-directory.ts';
import { reading, writing } from './store-problem.ts';

export interface TextPlace {
  readonly position: number;
  readonly sizeBytes: number;
}

export class ScratchTexts {
  readonly #state: StateDirectory;
  readonly #path: string;
  /** Undefined until something is put there. */
  #fd: number | undefined;
  #sizeBytes = 0;

  constructor(state: StateDirectory) {
    this.#state = state;
    this.#path = state.scratchFile(randomUUID());
  }

  put(text: string): TextPlace {
    const bytes = Buffer.from(text);
    return writing(this.#path, () => {
      this.#fd ??= this.#openNameless();
      const place = {
        position: this.#sizeBytes,
        sizeBytes: writeFully(this.#fd, bytes, this.#sizeBytes, this.#state.disk),
      };
      this.#sizeBytes += bytes.length;
      return place;
    });
  }

  /** `place` as `put` gave it. */
  read({ position, sizeBytes }: TextPlace): string {
    const fd = this.#fd;
    if (fd === undefined) throw new Error(`nothing was put into ${this.#path}`);
    return reading(this.#path, () => readUpTo(this.#state.disk, fd, position, sizeBytes).toString());
  }

  close(): void {
    if (this.#fd !== undefined) closeIfPossible(this.#fd, this.#state.disk);
    this.#fd = undefined;
  }

  #openNameless(): number {
    const fd = this.#state.disk.open(this.#path, 'create-new');
    this.#state.disk.remove(this.#path);
    return fd;
  }
}
