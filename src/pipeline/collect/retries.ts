/**
 * When the steps that a disk has refused are tried again: a second after the refusal, or less and less often where each try costs much.
 */
export type Step = 'open' | 'write' | 'sync';

const FIRST_WAIT_MS = 1_000;
/** After a sync that failed everything that is not safe is written anew. */
const LONGEST_WAIT_MS: Readonly<Record<Step, number>> = { open: 1_000, write: 1_000, sync: 60_000 };

interface Retry {
  readonly atMs: number;
  readonly waitMs: number;
}

export class Retries {
  readonly #refused = new Map<Step, Retry>();

  get areSomeRefused(): boolean {
    return this.#refused.size > 0;
  }

  /** From when on it may be tried, by the monotonic clock. */
  atMs(step: Step): number {
    return this.#refused.get(step)?.atMs ?? 0;
  }

  noteRefused(step: Step, nowMs: number): void {
    const before = this.#refused.get(step);
    const waitMs = before ? Math.min(2 * before.waitMs, LONGEST_WAIT_MS[step]) : FIRST_WAIT_MS;
    this.#refused.set(step, { atMs: nowMs + waitMs, waitMs });
  }

  noteDone(step: Step): void {
    this.#refused.delete(step);
  }
}
