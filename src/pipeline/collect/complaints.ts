/**
 * Says what goes wrong, without letting whoever causes it fill the log: each kind once a minute.
 */
import { isDue } from '#support/is-due.ts';
import type { Log, LogEvent } from '#events/event.ts';

const COMPLAINT_INTERVAL_MS = 60_000;

export class Complaints {
  readonly #log: Log;
  readonly #steadyMs: () => number;
  readonly #lastMs = new Map<string, number>();

  constructor(log: Log, steadyMs: () => number) {
    this.#log = log;
    this.#steadyMs = steadyMs;
  }

  /** `kind` tells apart what is said for itself. */
  about(kind: string, event: () => LogEvent): void {
    const nowMs = this.#steadyMs();
    if (!isDue(this.#lastMs.get(kind), COMPLAINT_INTERVAL_MS, nowMs)) return;
    this.#lastMs.set(kind, nowMs);
    this.#log(event());
  }

  /** The next one of that kind is said at once. */
  forget(kind: string): void {
    this.#lastMs.delete(kind);
  }
}
