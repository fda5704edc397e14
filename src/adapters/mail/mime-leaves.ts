/**
 * Finds the parts of a mail that have content, as places in its bytes (RFC 2046 5.1): nothing is copied, so a mail of any shape costs a pass
 * over it and a few bytes for each part.
 *
 * A boundary ends whatever is open within its multipart, also where ends are missing.
 */
import { readMimeHeader } from './mime-header.ts';
import type { MimeHeader } from './mime-header.ts';

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
const MAX_BOUNDARY_LENGTH = 200; // RFC 2046 5.1.1: 70
const MOST_LEAVES = 1_000;
const DEEPEST = 30;
const [LINE_FEED, CARRIAGE_RETURN, HYPHEN, SPACE, TAB] = [0x0a, 0x0d, 0x2d, 0x20, 0x09] as const;

/** Undefined for a mail whose header is larger than any. */
export function mimeLeavesIn(mail: Buffer): MimeLeaves | undefined {
  if (endOfHeader(mail, 0) > MAX_HEADER_BYTES) return undefined;
  const walk = new MimeWalk(mail);
  return { header: walk.begin(0), ...walk.toEnd() };
}

interface OpenMultipart {
  readonly boundary: Buffer;
  readonly alternative: number | undefined;
}

interface Delimiter {
  /** Of its multipart among those that are open. */
  readonly level: number;
  readonly isLast: boolean;
}

class MimeWalk {
  readonly #mail: Buffer;
  readonly #open: OpenMultipart[] = [];
  readonly #leaves: MimeLeaf[] = [];
  #leaf: Omit<MimeLeaf, 'end'> | undefined;
  #at = 0;
  #isWhole = true;

  constructor(mail: Buffer) {
    this.#mail = mail;
  }

  toEnd(): Omit<MimeLeaves, 'header'> {
    while (this.#open.length > 0 && this.#leaves.length < MOST_LEAVES) {
      const lineFeed = this.#mail.indexOf('\n--', Math.max(this.#at - 1, 0));
      if (lineFeed < 0) break;
      this.#at = endOfLine(this.#mail, lineFeed + 1);
      const delimiter = this.#delimiterAt(lineFeed + 1);
      if (delimiter) this.#pass(delimiter, lineFeed);
    }
    if (this.#leaves.length >= MOST_LEAVES) this.#isWhole = false;
    else this.#close(this.#mail.length);
    return { leaves: this.#leaves, isWhole: this.#isWhole };
  }

  /** A mail or a part begins with its header, which may end at a delimiter instead of a blank line. */
  begin(start: number): MimeHeader {
    const end = this.#endOfHeader(start);
    const header = readMimeHeader(this.#mail.toString('utf8', start, Math.min(end, start + MAX_HEADER_BYTES)));
    this.#at = behindBlankLine(this.#mail, end);
    const boundary = Buffer.from(header.parameters['boundary'] ?? '');
    const alternative = this.#open.at(-1)?.alternative;
    const isMultipart = header.mediaType.startsWith('multipart/') && boundary.length > 0;
    if (!isMultipart) this.#leaf = { header, start: this.#at, alternative };
    else if (this.#open.length >= DEEPEST || boundary.length > MAX_BOUNDARY_LENGTH) this.#isWhole = false;
    else {
      const own = header.mediaType === 'multipart/alternative' ? start : undefined;
      this.#open.push({ boundary, alternative: alternative ?? own });
    }
    return header;
  }

  #pass({ level, isLast }: Delimiter, lineFeed: number): void {
    this.#close(this.#mail[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed);
    this.#open.length = isLast ? level : level + 1;
    if (!isLast) this.begin(this.#at);
  }

  #close(end: number): void {
    if (this.#leaf) this.#leaves.push({ ...this.#leaf, end: Math.max(end, this.#leaf.start) });
    this.#leaf = undefined;
  }

  #endOfHeader(start: number): number {
    const end = endOfHeader(this.#mail, start);
    let from = start - 1;
    for (let at = this.#mail.indexOf('\n--', Math.max(from, 0)); at >= 0 && at < end;) {
      if (this.#delimiterAt(at + 1)) return at + 1;
      from = at + 1;
      at = this.#mail.indexOf('\n--', from);
    }
    return end;
  }

  /** Of the multiparts that are open the innermost whose boundary stands in the line there. */
  #delimiterAt(line: number): Delimiter | undefined {
    for (let level = this.#open.length - 1; level >= 0; level -= 1) {
      const { boundary } = this.#open[level] as OpenMultipart;
      const end = line + 2 + boundary.length;
      if (!standsAt(this.#mail, boundary, line + 2)) continue;
      const isLast = this.#mail[end] === HYPHEN && this.#mail[end + 1] === HYPHEN;
      if (isBlankTo(this.#mail, isLast ? end + 2 : end)) return { level, isLast };
    }
    return undefined;
  }
}

function standsAt(bytes: Buffer, text: Buffer, at: number): boolean {
  for (let index = 0; index < text.length; index += 1) if (bytes[at + index] !== text[index]) return false;
  return true;
}

/** Whether there is nothing more in the line but blanks. */
function isBlankTo(bytes: Buffer, from: number): boolean {
  let at = from;
  while (bytes[at] === SPACE || bytes[at] === TAB || bytes[at] === CARRIAGE_RETURN) at += 1;
  return at >= bytes.length || bytes[at] === LINE_FEED;
}

/** The beginning of the blank line behind it, which may be the first line; the end of it all where there is none. */
function endOfHeader(bytes: Buffer, start: number): number {
  let line = start;
  while (line < bytes.length && line - start <= MAX_HEADER_BYTES) {
    if (isLineEnd(bytes, line)) return line;
    line = endOfLine(bytes, line);
  }
  return line;
}

function isLineEnd(bytes: Buffer, at: number): boolean {
  return bytes[at] === LINE_FEED || (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED);
}

function behindBlankLine(bytes: Buffer, at: number): number {
  return isLineEnd(bytes, at) ? endOfLine(bytes, at) : at;
}

/** Where the next line begins. */
function endOfLine(bytes: Buffer, at: number): number {
  const lineFeed = bytes.indexOf(LINE_FEED, at);
  return lineFeed < 0 ? bytes.length : lineFeed + 1;
}
