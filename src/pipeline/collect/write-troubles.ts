/**
 * What keeps the days that are open from being written, for whoever asks for the status. Nothing is written while all is well.
 */
import type { CollectorTrouble } from '#store/collector-trouble.ts';
import type { CollectorStore } from '#store/collector-store.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export class WriteTroubles {
  readonly #store: Pick<CollectorStore, 'noteTrouble'>;
  readonly #nowMs: () => number;
  /** The one that began first comes first. */
  readonly #troubles = new Map<UtcDay, CollectorTrouble>();
  #told: CollectorTrouble | undefined;

  constructor(store: Pick<CollectorStore, 'noteTrouble'>, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  note(day: UtcDay, { code }: Problem): void {
    const before = this.#troubles.get(day);
    if (before?.code === code) return;
    this.#troubles.set(day, { code, sinceMs: before?.sinceMs ?? this.#nowMs() });
  }

  forget(day: UtcDay): void {
    this.#troubles.delete(day);
  }

  /** To be called every now and then: what cannot be told now is told another time. */
  tell(): void {
    const [trouble] = this.#troubles.values();
    if (trouble !== this.#told && this.#store.noteTrouble(trouble)) this.#told = trouble;
  }
}
