/**
 * Finds the parts of a mail that have content, as places in its bytes (RFC 2046 5.1): nothing is copied, so a mail of any shape costs a pass
 * over it and a few bytes for each part.
 *
 * A boundary ends whatever is open within its multipart, also where ends are missing.
 */
import { readMimeHeader } from './mime-header.ts';
import type { MimeHeader } from './mime-header.ts';
import { endOfLine, isBlankLine, MAX_BOUNDARY_LENGTH, nextDashes, OpenBoundaries } from './open-boundaries.ts';
import type { Delimiter } from './open-boundaries.ts';

export interface MimeLeaf {
  readonly header: MimeHeader;
  /** Of its content, still encoded. */
  readonly start: number;
  readonly end: number;
  /** Which of the outermost multipart/alternative it is in. */
  readonly alternative: number | undefined;
}

export interface MimeLeaves {
  readonly header: MimeHeader;
  readonly leaves: readonly MimeLeaf[];
  /** False where there are more parts, or deeper ones, than are looked at. */
  readonly isWhole: boolean;
}

const MAX_HEADER_BYTES = 262_144;
const MOST_LEAVES = 1_000;
const DEEPEST = 30;
const CARRIAGE_RETURN = 0x0d;

/** Undefined for a mail whose header is larger than any. */
export function mimeLeavesIn(mail: Buffer): MimeLeaves | undefined {
  if (new OpenBoundaries().endOfHeader(mail, 0, MAX_HEADER_BYTES) > MAX_HEADER_BYTES) return undefined;
  const walk = new MimeWalk(mail);
  return { header: walk.begin(0), ...walk.toEnd() };
}

class MimeWalk {
  readonly #mail: Buffer;
  readonly #boundaries = new OpenBoundaries();
  /** Of the multiparts that are open, which outermost multipart/alternative each is in. */
  readonly #alternatives: (number | undefined)[] = [];
  readonly #leaves: MimeLeaf[] = [];
  #leaf: Omit<MimeLeaf, 'end'> | undefined;
  #at = 0;
  #isWhole = true;

  constructor(mail: Buffer) {
    this.#mail = mail;
  }

  toEnd(): Omit<MimeLeaves, 'header'> {
    while (this.#boundaries.size > 0 && this.#leaves.length < MOST_LEAVES) {
      const line = nextDashes(this.#mail, this.#at);
      if (line === undefined) break;
      this.#at = endOfLine(this.#mail, line);
      const delimiter = this.#boundaries.at(this.#mail, line);
      if (delimiter) this.#pass(delimiter, line - 1);
    }
    if (this.#leaves.length >= MOST_LEAVES) this.#isWhole = false;
    else this.#close(this.#mail.length);
    return { leaves: this.#leaves, isWhole: this.#isWhole };
  }

  /** A mail or a part begins with its header, which may end at a delimiter instead of a blank line. */
  begin(start: number): MimeHeader {
    const end = this.#boundaries.endOfHeader(this.#mail, start, MAX_HEADER_BYTES);
    const header = readMimeHeader(this.#mail.toString('utf8', start, Math.min(end, start + MAX_HEADER_BYTES)));
    this.#at = isBlankLine(this.#mail, end) ? endOfLine(this.#mail, end) : end;
    const boundary = Buffer.from(header.parameters['boundary'] ?? '');
    const alternative = this.#alternatives.at(-1);
    const isMultipart = header.mediaType.startsWith('multipart/') && boundary.length > 0;
    if (!isMultipart) this.#leaf = { header, start: this.#at, alternative };
    else if (this.#boundaries.size >= DEEPEST || boundary.length > MAX_BOUNDARY_LENGTH) this.#isWhole = false;
    else {
      this.#boundaries.push(boundary);
      this.#alternatives.push(alternative ?? (header.mediaType === 'multipart/alternative' ? start : undefined));
    }
    return header;
  }

  #pass({ level, isLast }: Delimiter, lineFeed: number): void {
    this.#close(this.#mail[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed);
    const levels = isLast ? level : level + 1;
    this.#boundaries.cut(levels);
    this.#alternatives.length = levels;
    if (!isLast) this.begin(this.#at);
  }

  #close(end: number): void {
    if (this.#leaf) this.#leaves.push({ ...this.#leaf, end: Math.max(end, this.#leaf.start) });
    this.#leaf = undefined;
  }
}
