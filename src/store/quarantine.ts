/**
 * A bounded sample of datagrams that could not be read, as they were received: `quarantine/`.
 *
 * For people who look for the cause; nothing reads them again. Losing one is no loss of a report, so nothing here is synced and a
 * full disk is not a problem.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory } from '#support/durable-file.ts';

const MAX_FILES = 100;

export class Quarantine {
  readonly #directory: string;
  #files: number | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Returns the file's path, or undefined when there is no room for another. */
  keep(bytes: Uint8Array, reason: string, atMs: number): string | undefined {
    try {
      ensureDirectory(this.#directory);
      this.#files ??= readdirSync(this.#directory).length;
      if (this.#files >= MAX_FILES) return undefined;
      const time = new Date(atMs).toISOString().replaceAll(':', '').slice(0, 17);
      const path = join(this.#directory, `${time}Z-${reason}-${String(this.#files + 1)}.json`);
      writeFileSync(path, bytes, { mode: 0o600 });
      this.#files += 1;
      return path;
    } catch {
      return undefined; // see above: a sample is a convenience
    }
  }
}
