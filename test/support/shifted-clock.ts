/**
 * A clock that goes as the real one does and can be set, for the executable in all its threads and for the test alike.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#support/clock.ts';

const PRELOAD = fileURLToPath(new URL('shifted-clock.cjs', import.meta.url));

export class ShiftedClock {
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: string;
  #shiftMs = 0;

  constructor(directory: string, time: string) {
    this.#file = join(directory, 'clock');
    this.environment = { NODE_OPTIONS: `--require ${PRELOAD}`, CLOCK_SHIFT: this.#file };
    this.set(time);
  }

  /** The executable follows within milliseconds. */
  set(time: string): void {
    this.#shiftMs = Date.parse(time) - systemClock.nowMs();
    writeFileSync(`${this.#file}.new`, String(this.#shiftMs));
    renameSync(`${this.#file}.new`, this.#file);
  }

  nowMs(): number {
    return systemClock.nowMs() + this.#shiftMs;
  }
}
