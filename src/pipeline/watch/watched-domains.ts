/**
 * The domains that are watched, each under a number: those of ours, those with regular traffic on the days before, and those of which something is
 * going on. Strangers' domains that come once take no room.
 *
 * How many there are is bounded: of more, those with most sessions.
 */
import { resultTypes } from '#tlsrpt/result-type.ts';
import type { WatchedIds } from '#store/sessions/followed-entries.ts';
import type { Outcomes } from './unlikely.ts';

export interface DomainBefore extends Outcomes {
  readonly domain: string;
  /** On which something was seen of it. */
  readonly days: number;
  /** Result types that were seen with it. */
  readonly types: ReadonlySet<string>;
}

export interface Before extends Outcomes {
  readonly days: number;
}

const OTHER_TYPE = resultTypes.length;
/** What is active within this time counts as present. */
const PRESENCE_MS = 600_000;

export class WatchedDomains implements WatchedIds {
  readonly #ownDomains: ReadonlySet<string>;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [''];
  readonly #regular: (Before | undefined)[] = [undefined];
  /** By number, a bit for each result type. */
  readonly #types: number[] = [0];
  readonly #seenMs: number[] = [-Infinity];

  /** `open`: of which something is going on. */
  constructor(regular: Iterable<DomainBefore>, ownDomains: readonly string[], open: Iterable<string>) {
    this.#ownDomains = new Set(ownDomains);
    for (const domain of [...ownDomains, ...open]) this.#numberFor(domain);
    for (const { domain, days, successful, failed, types } of regular) {
      const number = this.#numberFor(domain);
      this.#regular[number] = { days, successful, failed };
      for (const type of types) this.noteType(number, type);
    }
  }

  ofPolicy(domain: string, policyDomain: string): number {
    return this.#ownOf(domain) ?? this.#ownOf(policyDomain) ?? this.#numbers.get(domain) ?? 0;
  }

  ofFailure(watchedId: number, mxHostname: string | undefined): number {
    return this.#ownOf(mxHostname?.toLowerCase() ?? '') ?? watchedId;
  }

  numberOf(domain: string): number | undefined {
    return this.#numbers.get(domain);
  }

  nameOf(watchedId: number): string {
    return this.#names[watchedId] ?? '';
  }

  isOwn(watchedId: number): boolean {
    return this.#ownDomains.has(this.nameOf(watchedId));
  }

  /** Undefined for a domain without regular traffic. */
  before(watchedId: number): Before | undefined {
    return this.#regular[watchedId];
  }

  hasType(watchedId: number, type: string): boolean {
    return ((this.#types[watchedId] ?? 0) & bitOf(type)) !== 0;
  }

  noteType(watchedId: number, type: string): void {
    this.#types[watchedId] = (this.#types[watchedId] ?? 0) | bitOf(type);
  }

  noteSeen(watchedId: number, steadyMs: number): void {
    this.#seenMs[watchedId] = steadyMs;
  }

  /** How many domains with regular traffic had some a short while ago. */
  countPresent(steadyMs: number): number {
    return this.#seenMs.reduce(
      (count, seenMs, watchedId) => count + (seenMs > steadyMs - PRESENCE_MS && this.#regular[watchedId] ? 1 : 0),
      0,
    );
  }

  /** The domain of ours that a name is, or is below of. */
  #ownOf(name: string): number | undefined {
    if (this.#ownDomains.size === 0) return undefined;
    for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1 || rest.length))
      if (this.#ownDomains.has(rest)) return this.#numbers.get(rest);
    return undefined;
  }

  #numberFor(domain: string): number {
    const known = this.#numbers.get(domain);
    if (known !== undefined) return known;
    const number = this.#names.push(domain) - 1;
    this.#numbers.set(domain, number);
    this.#regular.push(undefined);
    this.#types.push(0);
    this.#seenMs.push(-Infinity);
    return number;
  }
}

/** Types that are registered later are one. */
function bitOf(type: string): number {
  const index = resultTypes.findIndex((known) => known === type);
  return 1 << (index < 0 ? OTHER_TYPE : index);
}
