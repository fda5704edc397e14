/**
 * How many requests come from each address: so many in a minute at most, which may come at once.
 *
 * Of IPv6, the first 64 bits are an address, since whoever has one has all that begin with them. So many addresses are known at most; of more, those
 * are forgotten that were not heard of for longest.
 */
const MINUTE_MS = 60_000;
const MOST_ADDRESSES = 100_000;
const NETWORK_GROUPS = 4;

export class RequestRates {
  /** Between requests; 0 where there is no limit. */
  readonly #intervalMs: number;
  readonly #steadyMs: () => number;
  /** Until when each address has used up what it may do (GCRA); the one that was heard of last at the end. */
  readonly #usedUntilMs = new Map<string, number>();

  /** `mostPerMinute`: 0 for no limit. */
  constructor(mostPerMinute: number, steadyMs = () => performance.now()) {
    this.#intervalMs = mostPerMinute === 0 ? 0 : MINUTE_MS / mostPerMinute;
    this.#steadyMs = steadyMs;
  }

  /** Counts a request; 0 when it is within the limit, else after how many seconds the next will be. */
  take(address: string): number {
    if (this.#intervalMs === 0) return 0;
    const [network, nowMs] = [networkOf(address), this.#steadyMs()];
    const usedUntilMs = Math.max(this.#usedUntilMs.get(network) ?? nowMs, nowMs) + this.#intervalMs;
    const waitMs = usedUntilMs - nowMs - MINUTE_MS;
    if (waitMs > 0) return Math.ceil(waitMs / 1_000);
    this.#usedUntilMs.delete(network);
    this.#usedUntilMs.set(network, usedUntilMs);
    if (this.#usedUntilMs.size > MOST_ADDRESSES) this.#forgetOldest();
    return 0;
  }

  #forgetOldest(): void {
    for (const network of this.#usedUntilMs.keys()) {
      this.#usedUntilMs.delete(network);
      return;
    }
  }
}

/** `address`: in its canonical form. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: Math.max(8 - before.length - after.length, 0) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS).join(':');
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
