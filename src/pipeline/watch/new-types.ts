/**
 * Result types that a domain with regular traffic has not had on its last days, nor earlier today.
 */
import type { SeenFailure } from '#store/sessions/followed-entries.ts';
import type { SeenExample } from '#store/watch-book.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';
import type { WatchedDomains } from './watched-domains.ts';

export interface NewType {
  readonly watchedId: number;
  readonly since: Moment;
  lastMs: number;
  sessions: number;
  example: SeenExample;
}

const MOST_NEW = 50_000;

export class NewTypes {
  readonly #windowMs: number;
  readonly #seen = new Map<string, NewType>();

  constructor({ windowMs }: Pick<WatchLimits, 'windowMs'>) {
    this.#windowMs = windowMs;
  }

  note({ watchedId, example, sessions }: SeenFailure, domains: WatchedDomains, now: Moment): void {
    if (!domains.before(watchedId) || domains.hasType(watchedId, example.resultType)) return;
    const key = `${String(watchedId)} ${example.resultType}`;
    const known = this.#seen.get(key) ?? this.#begin(key, { watchedId, since: now, lastMs: 0, sessions: 0, example });
    if (!known) return;
    known.lastMs = now.steadyMs;
    known.sessions += sessions;
    known.example = example;
  }

  /** Those that were seen lately, and are still new. */
  current(domains: WatchedDomains, { steadyMs }: Moment): NewType[] {
    for (const [key, { watchedId, lastMs, example }] of this.#seen)
      if (steadyMs - lastMs > this.#windowMs || domains.hasType(watchedId, example.resultType)) this.#seen.delete(key);
    return [...this.#seen.values()];
  }

  #begin(key: string, type: NewType): NewType | undefined {
    if (this.#seen.size >= MOST_NEW) return undefined;
    this.#seen.set(key, type);
    return type;
  }
}
