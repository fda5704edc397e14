/**
 * One reading of the state directory for all who ask at the same time, and for who asks soon after.
 *
 * Nobody waits longer than `patienceMs`: who would gets the last reading while it is not too old, and the one that is under way goes on for
 * those who ask next.
 */
export type Reading =
  | { readonly kind: 'read'; readonly text: string }
  /** `why` is a sentence without its full stop. */
  | { readonly kind: 'failed'; readonly why: string };

export type SharedAnswer =
  | Reading
  /** The reading takes long. `text` is that of an earlier one. */
  | { readonly kind: 'late'; readonly text: string | undefined };

export interface SharedReadingOptions {
  /** Takes a bounded time and never rejects. */
  readonly read: () => Promise<Reading>;
  readonly steadyMs: () => number;
  /** Resolves after that time. */
  readonly sleep: (durationMs: number) => Promise<void>;
}

/** As often as that the numbers are new. */
const FRESH_MS = 2_000;
/** Prometheus waits ten seconds by default. */
const PATIENCE_MS = 8_000;
/** After as many Prometheus itself takes a number for gone. */
const LAST_USE_MS = 300_000;

interface Finished {
  readonly reading: Reading;
  readonly endedMs: number;
}

export class SharedReading {
  readonly #options: SharedReadingOptions;
  #underWay: Promise<Reading> | undefined;
  #last: Finished | undefined;
  #lastText: { readonly text: string; readonly endedMs: number } | undefined;

  constructor(options: SharedReadingOptions) {
    this.#options = options;
  }

  async ask(): Promise<SharedAnswer> {
    const nowMs = this.#options.steadyMs();
    if (this.#last && nowMs - this.#last.endedMs < FRESH_MS) return this.#last.reading;
    const late = this.#options.sleep(PATIENCE_MS).then(() => undefined);
    const reading = await Promise.race([(this.#underWay ??= this.#begin()), late]);
    return reading ?? { kind: 'late', text: this.#textOfLast() };
  }

  async #begin(): Promise<Reading> {
    const reading = await this.#options.read();
    const endedMs = this.#options.steadyMs();
    this.#underWay = undefined;
    this.#last = { reading, endedMs };
    if (reading.kind === 'read') this.#lastText = { text: reading.text, endedMs };
    return reading;
  }

  #textOfLast(): string | undefined {
    const last = this.#lastText;
    return last && this.#options.steadyMs() - last.endedMs < LAST_USE_MS ? last.text : undefined;
  }
}
