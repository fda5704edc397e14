/**
 * A day file made of what sys4's programs added up: what can be read counts, and what cannot be is left out and named.
 *
 * Nothing of it is kept when none of it counts.
 */
import type { CopyResult } from '#pipeline/fetch/state-source.ts';
import type { TalliedDay } from '#store/sessions/tallied-day.ts';
import { shownName } from './sys4-tally.ts';
import type { Sys4Reading } from './sys4-tally.ts';

/** How many things that are left out are named. Beyond it they are counted. */
export const MAX_NAMED = 20;

export class Sys4Day {
  readonly #tallied: TalliedDay;
  readonly #leftOut = new Set<string>();
  #unnamed = 0;
  #isEmpty = true;
  #isDamaged = false;
  #unanswered = 0;

  constructor(tallied: TalliedDay) {
    this.#tallied = tallied;
  }

  add({ tallies, leftOut, unusable }: Sys4Reading): void {
    for (const tally of tallies) {
      this.#tallied.add(tally);
      this.#isEmpty = false;
    }
    for (const what of leftOut) this.leaveOut(what);
    if (unusable !== undefined) this.#name(`sessions of ${shownName(unusable)}, which is no domain name`);
  }

  /** `what` is a phrase, such as `a policy of a.example that is no JSON object`. */
  leaveOut(what: string): void {
    this.#isDamaged = true;
    this.#name(what);
  }

  /** The same of a whole domain: there may be an answer later. */
  leaveOutDomain(domain: string, why: string): void {
    this.#unanswered += 1;
    this.leaveOut(`${shownName(domain)}${why}`);
  }

  #name(what: string): void {
    if (this.#leftOut.has(what) || this.#leftOut.size < MAX_NAMED) this.#leftOut.add(what);
    else this.#unnamed += 1;
  }

  /** `isOpen`: more may come. Where there is nothing but names that are no domain names, there is nothing to report. */
  finish(isOpen = false): CopyResult {
    const leftOut = this.#unnamed === 0 ? [...this.#leftOut] : [...this.#leftOut, `${String(this.#unnamed)} more`];
    if (this.#isEmpty && leftOut.length > 0) {
      this.discard();
      if (!this.#isDamaged) return { kind: 'absent' };
      return { kind: 'damaged', why: `nothing in it counts: ${leftOut.join('; ')}` };
    }
    this.#tallied.finishWithout(this.#unanswered);
    return { kind: 'copied', journal: isOpen, leftOut };
  }

  discard(): void {
    this.#tallied.discard();
  }
}
