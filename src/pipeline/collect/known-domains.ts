/**
 * Remembers which domains have come, each by a keyed hash, in a fixed amount of memory.
 *
 * A domain that comes again stays. One that came once gives its place to another when there is no free one: so domains that never come
 * again, however many, push out nobody else. What first comes when all places are taken stays unknown, until a new day begins: from then on
 * a domain has to come again to stay.
 */
const GROUPS = 65_536;
/** Of each group: a domain may lie in any of them. */
const PLACES = 8;

export class KnownDomains {
  /** 0 for a free place. */
  readonly #hashes = new Int32Array(GROUPS * PLACES);
  /** 1 where a domain came again. */
  readonly #stays = new Uint8Array(GROUPS * PLACES);

  /** Notes that a domain comes, by the two halves of its hash. Returns whether it came before. */
  meet(low: number, high: number): boolean {
    const start = (low & (GROUPS - 1)) * PLACES;
    for (let place = start; place < start + PLACES; place += 1) {
      if (this.#hashes[place] !== high) continue;
      this.#stays[place] = 1;
      return true;
    }
    this.#remember(start, high);
    return false;
  }

  /** Whoever is known stays so until another takes the place; whoever does not come on the new day has no right to it any more. */
  beginDay(): void {
    this.#stays.fill(0);
  }

  /** In a free place, or else in that of one which came once: which one depends on the domain, so that not all push out the same. */
  #remember(start: number, high: number): void {
    let chosen: number | undefined;
    for (let step = 0; step < PLACES; step += 1) {
      const place = start + ((high + step) & (PLACES - 1));
      const isFree = this.#hashes[place] === 0;
      if (isFree || (chosen === undefined && this.#stays[place] === 0)) chosen = place;
      if (isFree) break;
    }
    if (chosen !== undefined) this.#hashes[chosen] = high;
  }
}
