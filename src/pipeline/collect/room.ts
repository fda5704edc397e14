/**
 * The room in memory for datagrams that are not safe on disk yet: what finds room, while the disk is slow or refuses.
 *
 * Half of it is for domains that came before, so a flood from ever new domains pushes out nothing of theirs. And whoever wants room leaves
 * some: the more its domain has already, and the larger the datagram, the more. So a domain that takes much comes to its end while there is
 * room for all others, and what n domains together can take leaves the next one about as much as each of them has.
 */
import { domainIn } from './domain-in.ts';
import { KeyedHash } from './keyed-hash.ts';
import { KnownDomains } from './known-domains.ts';
import type { Receiver } from './receiver.ts';

export const roomLimits = {
  /** Of what all days together keep until it is safe. */
  heldBytes: 201_326_592,
  /** Of it, for domains that never came before. */
  newDomainsBytes: 100_663_296,
  /** How many times its size a datagram must leave free. */
  spareTimes: 256,
  /** How many times what its domain has already. */
  shareTimes: 2,
} as const;

/** The largest datagrams there are. */
const LARGE_BYTES = 262_144;
/** What domains have is counted by a part of their hash: that a few share a number does them no harm, and nobody can choose with whom. */
const SHARES = 65_536;
/** What became safe is taken off in parts of that size. */
const PART_BYTES = 4_194_304;

/** What was given since so much had been given before. */
interface GivenPart {
  readonly fromBytes: number;
  readonly shares: Int32Array;
}

export class Room {
  readonly #heldBytes: () => number;
  /** With a key of its own: which domains meet is not to be learned from datagrams. */
  readonly #hash = new KeyedHash();
  readonly #known = new KnownDomains();
  /** What domains have. */
  readonly #shares = new Int32Array(SHARES);
  /** The same in the order of giving: what was given first is safe first. */
  readonly #parts: GivenPart[] = [];
  /** Everything that was ever given. */
  #givenBytes = 0;

  /** `heldBytes`: what is kept until it is safe, of all days together. */
  constructor(heldBytes: () => number) {
    this.#heldBytes = heldBytes;
  }

  /** False when a receiver that can wait should: there is no room for a large datagram. */
  get isFree(): boolean {
    return this.#heldBytes() + LARGE_BYTES * roomLimits.spareTimes < roomLimits.heldBytes;
  }

  /** Gives a datagram room when there is any. A receiver that waits for room is asked before, so what comes of it gets it in any case. */
  give(bytes: Buffer, { canWait }: Receiver): boolean {
    const heldBytes = this.#heldBytes();
    this.#forgetSafe(heldBytes);
    const limitBytes = this.#isKnown(bytes) ? roomLimits.heldBytes : roomLimits.newDomainsBytes;
    const share = this.#hash.low & (SHARES - 1);
    const spareBytes = bytes.length * roomLimits.spareTimes + (this.#shares[share] ?? 0) * roomLimits.shareTimes;
    if (heldBytes + spareBytes >= limitBytes && canWait !== true) return false;
    this.#noteGiven(share, bytes.length);
    return true;
  }

  /** Domains that come no more make room for others. */
  beginDay(): void {
    this.#known.beginDay();
  }

  /** A datagram that needs no room came again, so its domain did. */
  noteRepeated(bytes: Buffer): void {
    this.#isKnown(bytes);
  }

  /** Notes that the domain came as well. What names none is all of one domain, which is never known. */
  #isKnown(bytes: Buffer): boolean {
    const domain = domainIn(bytes);
    this.#hash.update(domain);
    return domain.length > 0 && this.#known.meet(this.#hash.low, this.#hash.high);
  }

  #noteGiven(share: number, bytes: number): void {
    let part = this.#parts.at(-1);
    if (!part || this.#givenBytes - part.fromBytes >= PART_BYTES) {
      part = { fromBytes: this.#givenBytes, shares: new Int32Array(SHARES) };
      this.#parts.push(part);
    }
    part.shares[share] = (part.shares[share] ?? 0) + bytes;
    this.#shares[share] = (this.#shares[share] ?? 0) + bytes;
    this.#givenBytes += bytes;
  }

  /** The latest part stays: it is still being filled. */
  #forgetSafe(heldBytes: number): void {
    const safeBytes = this.#givenBytes - heldBytes;
    for (let next = this.#parts[1]; next && next.fromBytes <= safeBytes; next = this.#parts[1]) {
      this.#parts.shift()?.shares.forEach((bytes, share) => {
        if (bytes > 0) this.#shares[share] = (this.#shares[share] ?? 0) - bytes;
      });
    }
  }
}
