/**
 * A disk that refuses some of the executable's files for a while (see refusing-disk.cjs).
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { preload } from './preload.ts';

export const refusals = ['EIO', 'ENOSPC', 'EMFILE', 'EACCES'] as const;

export class RefusingDisk {
  readonly environment: Readonly<Record<string, string>>;
  readonly #prefixFile: string;

  /** `directory` is one that the executable does not look into. */
  constructor(directory: string, errno: (typeof refusals)[number]) {
    this.#prefixFile = join(directory, 'refused');
    this.environment = {
      ...preload('refusing-disk.cjs'),
      REFUSED_PREFIX: this.#prefixFile,
      REFUSED_ERRNO: errno,
    };
  }

  /** Whatever has a path that begins so. */
  refuse(prefix: string): void {
    writeFileSync(this.#prefixFile, prefix);
  }

  heal(): void {
    rmSync(this.#prefixFile);
  }
}
