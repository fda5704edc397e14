/**
 * What the documents of one source may cost together: a mail has room for a hundred, each of which unpacks to more than a thousand times its
 * size. What is over ends the whole of it, as to find out that something is too large costs as much as to read it.
 */
import { boundedConversions } from './bounded-conversion.ts';
import type { Conversions } from './bounded-conversion.ts';
import { tokensIn } from './json-scan.ts';

export const inboundLimits = {
  /** Receivers take mails of 10 MB or so, which compressed may hold more. Our own documents have 7 MB at most. */
  sizeBytes: 16_777_216,
  /** What each of these makes takes memory: a list or an object up to 600 bytes. Reports have a bracket for each 100 bytes at most. */
  brackets: 150_000,
  /** A member takes 60. */
  commas: 600_000,
  /** Each may be where a text is split into lines or records. */
  splits: 600_000,
  unicodeNames: 1_000,
  ipv6Addresses: 200_000,
} as const;

export class InboundBudget {
  readonly canonical: Conversions = boundedConversions(inboundLimits);
  #sizeBytes: number = inboundLimits.sizeBytes;
  #brackets: number = inboundLimits.brackets;
  #commas: number = inboundLimits.commas;
  #splits: number = inboundLimits.splits;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes off what a document costs; says what there is too much of. */
  spend(document: Uint8Array): 'too-large' | 'too-complex' | undefined {
    this.#sizeBytes -= document.length;
    if (this.#sizeBytes < 0) return this.exhaust();
    const { brackets, commas, splits } = tokensIn(document);
    this.#brackets -= brackets;
    this.#commas -= commas;
    this.#splits -= splits;
    return Math.min(this.#brackets, this.#commas, this.#splits) < 0 ? 'too-complex' : undefined;
  }

  exhaust(): 'too-large' {
    this.#sizeBytes = 0;
    return 'too-large';
  }
}
