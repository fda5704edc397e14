/**
 * The lines of standard input that could not be used, in one message: which, why, and how many.
 */
import { event } from '#events/event.ts';
import type { LogEvent } from '#events/event.ts';

/** More would be for nobody to read. */
const MOST_NAMED = 20;

export class RejectedLines {
  #count = 0;
  readonly #named: string[] = [];

  note(line: number, outcome: string): void {
    if (outcome === 'tallied') return;
    this.#count += 1;
    if (this.#named.length < MOST_NAMED) this.#named.push(`${String(line)} (${outcome})`);
  }

  /** Undefined when every line was used. */
  event(): LogEvent | undefined {
    if (this.#count === 0) return undefined;
    const rest = this.#count - this.#named.length;
    const more = rest > 0 ? ` and ${String(rest)} more` : '';
    const lines = this.#count === 1 ? '1 line was' : `${String(this.#count)} lines were`;
    return event('warning', 'lines-rejected', `${lines} not counted: ${this.#named.join(', ')}${more}.`, {
      count: this.#count,
      lines: this.#named,
    });
  }
}
