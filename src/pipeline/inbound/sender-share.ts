/**
 * Shares what there is room for among the senders of reports, so that none of them can fill it.
 *
 * Whoever has a domain can sign for any name below it, so the last two labels count as one sender. Without the list of public suffixes the domains
 * below one such as `co.uk` have a share together, which costs them room and lets nobody else have more.
 */
export interface Shares {
  readonly total: number;
  readonly each: number;
}

export class SenderShares {
  readonly #shares: Shares;
  readonly #used = new Map<string, number>();
  #left: number;

  constructor(shares: Shares) {
    this.#shares = shares;
    this.#left = shares.total;
  }

  hasRoom(sender: string): boolean {
    return this.#left > 0 && (this.#used.get(sender) ?? 0) < this.#shares.each;
  }

  take(sender: string): void {
    this.#left -= 1;
    this.#used.set(sender, (this.#used.get(sender) ?? 0) + 1);
  }
}

/** All that are not verified are one sender. */
export function senderOf({ verifiedDomain }: { readonly verifiedDomain?: string | undefined }): string {
  return verifiedDomain === undefined ? '' : verifiedDomain.toLowerCase().split('.').slice(-2).join('.');
}

/** The first of each sender, then the second of each, and so on. */
export function inTurns<T>(all: readonly T[], senderOfOne: (one: T) => string): T[] {
  const rounds = new Map<string, number>();
  const turns = all.map((one) => {
    const sender = senderOfOne(one);
    const round = rounds.get(sender) ?? 0;
    rounds.set(sender, round + 1);
    return { one, round };
  });
  return turns.sort((a, b) => a.round - b.round).map(({ one }) => one);
}
