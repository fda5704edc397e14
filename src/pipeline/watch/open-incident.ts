/**
 * One incident about a domain that goes on, and when it is over.
 *
 * It is over when it went well for a while; how well depends on its kind. It lapses when nothing comes that would show it.
 */
import type { SeenCount, SeenFailure } from '#store/sessions/followed-entries.ts';
import type { Incident } from '#store/watch-book.ts';
import { expectedShare, shareOf } from './unlikely.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';

export type Ending = 'over' | 'lapsed';

/** Sessions that show that it goes well. */
const LEAST_SESSIONS = 3;
const LEAST_GOOD_SHARE = 0.1;
const LAPSED_MS = 24 * 3_600_000;

export class OpenIncident {
  #incident: Incident;
  /** What came since it was judged last. */
  #lately = { sinceMs: 0, successful: 0, failed: 0 };
  /** What it is about was last seen. */
  #lastMs: number;
  #lastSessionMs: number;

  constructor(incident: Incident, now: Moment) {
    this.#incident = incident;
    this.#lately.sinceMs = now.steadyMs;
    this.#lastMs = now.steadyMs;
    this.#lastSessionMs = now.steadyMs;
  }

  get incident(): Incident {
    return this.#incident;
  }

  note({ successful, failed }: SeenCount, now: Moment): void {
    this.#lastSessionMs = now.steadyMs;
    this.#lately.successful += successful;
    this.#lately.failed += failed;
    if (this.#incident.kind === 'failing') this.#add(successful, failed);
    else this.#add(successful, 0);
  }

  noteFailure({ example, sessions }: SeenFailure, now: Moment): void {
    this.#lastSessionMs = now.steadyMs;
    const { kind, example: first } = this.#incident;
    if (kind === 'new-type' && example.resultType !== first?.resultType) return;
    if (kind === 'own-domain' && !isOfPolicy(example.resultType)) return;
    this.#lastMs = now.steadyMs;
    this.#incident = { ...this.#incident, example };
    if (kind !== 'failing') this.#add(0, sessions);
  }

  /** Undefined while it goes on. */
  judge(now: Moment, limits: WatchLimits): Ending | undefined {
    if (now.steadyMs - this.#lastSessionMs >= LAPSED_MS) return 'lapsed';
    return this.#incident.kind === 'failing' ? this.#judgeFailing(now, limits) : this.#judgeSeen(now, limits);
  }

  #judgeFailing(now: Moment, { overMs, leastShare }: WatchLimits): Ending | undefined {
    const { sinceMs, successful, failed } = this.#lately;
    if (now.steadyMs - sinceMs < overMs || successful + failed < LEAST_SESSIONS) return undefined;
    const share = shareOf(this.#lately);
    this.#lately = { sinceMs: now.steadyMs, successful: 0, failed: 0 };
    const expected = expectedShare(this.#incident.before ?? { successful: 0, failed: 0 });
    return share <= Math.min(leastShare / 2, Math.max(LEAST_GOOD_SHARE, expected * 2)) ? 'over' : undefined;
  }

  /** What comes now and then would be told again and again. */
  #judgeSeen(now: Moment, { windowMs }: WatchLimits): Ending | undefined {
    if (this.#lastMs > this.#lately.sinceMs) this.#lately = { sinceMs: this.#lastMs, successful: 0, failed: 0 };
    const isLong = now.steadyMs - this.#lately.sinceMs >= windowMs;
    const hasSessions = this.#lately.successful + this.#lately.failed > 0; // they fail otherwise at the most
    return isLong && hasSessions ? 'over' : undefined;
  }

  #add(successful: number, failed: number): void {
    const { successful: before, failed: failedBefore } = this.#incident;
    this.#incident = { ...this.#incident, successful: before + successful, failed: failedBefore + failed };
  }
}

/** A failure of what a domain publishes or shows; the others may be the trouble of a moment. */
export function isOfPolicy(resultType: string): boolean {
  return resultType !== 'starttls-not-supported' && resultType !== 'validation-failure';
}
