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
  shareTimes: 4,
} as const;

/** The largest datagrams there are. */
const LARGE_BYTES = 262_144;
/** What domains have is counted by a part of their hash: that a few share a number does them no harm, and nobody can choose with whom. */
const SHARES = 65_536;
/** What became safe is not taken off for less than that. */
const FORGET_BYTES = 4_194_304;

export class Room {
  readonly #heldBytes: () => number;
  /** With a key of its own: which domains meet is not to be learned from datagrams. */
  readonly #hash = new KeyedHash();
  readonly #known = new KnownDomains();
  /** What domains were given since `#recentFrom`. */
  #recent = new Int32Array(SHARES);
  /** What they were given before, of which something is not safe yet. */
  #earlier = new Int32Array(SHARES);
  /** Everything that was ever given. */
  #givenBytes = 0;
  #recentFrom = 0;

  /** `heldBytes`: what is kept until it is safe, of all days together. */
  constructor(heldBytes: () => number) {
    this.#heldBytes = heldBytes;
  }

  /** False when a receiver that can wait should: there is no room for a large datagram. */
  get isFree(): boolean {
    return this.#heldBytes() + LARGE_BYTES * roomLimits.spareTimes < roomLimits.heldBytes;
  }

  /** Gives a datagram room when there is any. A receiver that waits for room is asked before, so what comes of it gets it in any case. */
  give(bytes: Buffer, { settled }: Receiver): boolean {
    const heldBytes = this.#heldBytes();
    const limitBytes = this.#isKnown(bytes) ? roomLimits.heldBytes : roomLimits.newDomainsBytes;
    const share = this.#hash.low & (SHARES - 1);
    const spareBytes = bytes.length * roomLimits.spareTimes + this.#bytesOf(share) * roomLimits.shareTimes;
    if (heldBytes + spareBytes >= limitBytes && settled === undefined) return false;
    this.#recent[share] = (this.#recent[share] ?? 0) + bytes.length;
    this.#givenBytes += bytes.length;
    this.#forgetSafe(heldBytes);
    return true;
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

  #bytesOf(share: number): number {
    return (this.#recent[share] ?? 0) + (this.#earlier[share] ?? 0);
  }

  /** What was given first is safe first. */
  #forgetSafe(heldBytes: number): void {
    const isSafe = this.#givenBytes - heldBytes >= this.#recentFrom;
    if (!isSafe || this.#givenBytes - this.#recentFrom < FORGET_BYTES) return;
    const forgotten = this.#earlier.fill(0);
    this.#earlier = this.#recent;
    this.#recent = forgotten;
    this.#recentFrom = this.#givenBytes;
  }
}
