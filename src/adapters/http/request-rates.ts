/**
 * How many requests come from each address: so many in a minute at most, which may come at once.
 *
 * Of IPv6, the first 64 bits are an address, since whoever has one has all that begin with them. So many addresses are known at most; of more, those
 * are forgotten that were not heard of for longest.
 */
const MINUTE_MS = 60_000;
const MOST_ADDRESSES = 100_000;
const NETWORK_GROUPS = 4;

interface Allowance {
  requests: number;
  atMs: number;
}

export class RequestRates {
  readonly #mostPerMinute: number;
  readonly #steadyMs: () => number;
  /** The one that was heard of last at the end. */
  readonly #allowances = new Map<string, Allowance>();

  /** `mostPerMinute`: 0 for no limit. */
  constructor(mostPerMinute: number, steadyMs = () => performance.now()) {
    this.#mostPerMinute = mostPerMinute;
    this.#steadyMs = steadyMs;
  }

  /** Counts a request; 0 when it is within the limit, else after how many seconds the next will be. */
  take(address: string): number {
    if (this.#mostPerMinute === 0) return 0;
    const allowance = this.#allowanceOf(networkOf(address));
    if (allowance.requests < 1) return Math.ceil(((1 - allowance.requests) * MINUTE_MS) / this.#mostPerMinute / 1_000);
    allowance.requests -= 1;
    return 0;
  }

  #allowanceOf(network: string): Allowance {
    const nowMs = this.#steadyMs();
    const known = this.#allowances.get(network) ?? { requests: this.#mostPerMinute, atMs: nowMs };
    const gained = ((nowMs - known.atMs) * this.#mostPerMinute) / MINUTE_MS;
    const allowance = { requests: Math.min(known.requests + gained, this.#mostPerMinute), atMs: nowMs };
    this.#allowances.delete(network);
    this.#allowances.set(network, allowance);
    if (this.#allowances.size > MOST_ADDRESSES) this.#forgetOldest();
    return allowance;
  }

  #forgetOldest(): void {
    for (const network of this.#allowances.keys()) {
      this.#allowances.delete(network);
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
