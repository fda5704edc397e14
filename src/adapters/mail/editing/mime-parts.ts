/**
 * The parts of a mail as places in its bytes (RFC 2046 5.1), without decoding any, for text to be put among them.
 *
 * Only multiparts whose parts are read one after the other or one for the other are looked into: what is signed, encrypted or a mail of its
 * own is one piece, which nothing may be changed of. Undefined for a mail that readers may take apart in different ways, and for one that
 * would take long.
 */
import { endOfLine, isBlankLine, nextDashes, OpenBoundaries } from '../open-boundaries.ts';
import type { Delimiter } from '../open-boundaries.ts';
import { contentFields } from './content-type.ts';
import type { ContentFields } from './content-type.ts';
import { headerStart } from './field-places.ts';

export interface MimePart {
  readonly content: ContentFields;
  readonly headerStart: number;
  /** Where the empty line is that ends the header. */
  readonly headerEnd: number;
  /** Undefined for a part without an empty line. */
  readonly bodyStart: number | undefined;
  /** Behind the body: before the line end that belongs to the boundary. */
  bodyEnd: number;
  /** Of a multipart that is looked into. */
  readonly parts: MimePart[];
  readonly boundary: Buffer | undefined;
}

const LOOKED_INTO = /^multipart\/(?:mixed|report|alternative|related)$/;
const IDENTITY = ['7bit', '8bit', 'binary'];
/** RFC 2046 5.1.1; more than it allows are met. */
const BOUNDARY = /^[!-~](?:[ -~]{0,198}[!-~])?$/;
const MOST_PARTS = 1_000;
const DEEPEST = 30;
/** Of lines that begin with two dashes. */
const MOST_LOOK_UPS = 500_000;
const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

export function mimeParts(bytes: Buffer, boundaries = new OpenBoundaries()): MimePart | undefined {
  const walk = new PartsWalk(bytes, boundaries);
  const root = walk.begin(headerStart(bytes));
  return walk.toEnd() ? root : undefined;
}

/** One pass over the bytes. */
class PartsWalk {
  readonly #bytes: Buffer;
  readonly #boundaries: OpenBoundaries;
  /** Each within the one before it. */
  readonly #open: MimePart[] = [];
  #count = 0;
  #at = 0;
  #isSound = true;

  constructor(bytes: Buffer, boundaries: OpenBoundaries) {
    this.#bytes = bytes;
    this.#boundaries = boundaries;
  }

  /** A mail or a part, which begins with its header. */
  begin(start: number): MimePart {
    const part = partAt(this.#bytes, start, this.#boundaries.endOfHeader(this.#bytes, start));
    if (this.#count > MOST_PARTS || this.#open.length > DEEPEST || isAmbiguous(part, this.#open)) this.#isSound = false;
    this.#count += 1;
    this.#open.at(-1)?.parts.push(part);
    this.#open.push(part);
    this.#boundaries.push(part.boundary);
    this.#at = part.bodyStart ?? part.headerEnd;
    return part;
  }

  /** False for what has no parts that are sure. */
  toEnd(): boolean {
    while (this.#isSound && this.#boundaries.lookUps <= MOST_LOOK_UPS) {
      const line = nextDashes(this.#bytes, this.#at);
      if (line === undefined) return true;
      this.#at = endOfLine(this.#bytes, line);
      const delimiter = this.#boundaries.at(this.#bytes, line);
      if (delimiter) this.#pass(delimiter, line);
    }
    return false;
  }

  #pass({ level, isLast }: Delimiter, line: number): void {
    const levels = isLast ? level : level + 1;
    this.#boundaries.cut(levels);
    closeParts(this.#bytes, this.#open.splice(levels), line);
    if (!isLast) this.begin(this.#at);
  }
}

function partAt(bytes: Buffer, start: number, headerEnd: number): MimePart {
  const content = contentFields(bytes, start, headerEnd);
  return {
    content,
    headerStart: start,
    headerEnd,
    bodyStart: isBlankLine(bytes, headerEnd) ? endOfLine(bytes, headerEnd) : undefined,
    bodyEnd: bytes.length,
    parts: [],
    boundary: boundaryIn(content),
  };
}

function boundaryIn({ type, encoding, parameters, isSound }: ContentFields): Buffer | undefined {
  const boundary = parameters.get('boundary') ?? '';
  const isLookedInto = isSound && LOOKED_INTO.test(type) && IDENTITY.includes(encoding) && BOUNDARY.test(boundary);
  return isLookedInto ? Buffer.from(boundary, 'latin1') : undefined;
}

/** Whether a line may belong to it or to one around it. */
function isAmbiguous({ boundary }: MimePart, open: readonly MimePart[]): boolean {
  const closing = (text: Buffer): string => `${text.toString('latin1')}--`;
  return open.some(({ boundary: outer }) => {
    if (!boundary || !outer) return false;
    return boundary.equals(outer) || closing(boundary) === String(outer) || closing(outer) === String(boundary);
  });
}

function closeParts(bytes: Buffer, parts: readonly MimePart[], delimiterStart: number): void {
  const feed = bytes[delimiterStart - 1] === LINE_FEED ? delimiterStart - 1 : delimiterStart;
  const end = feed < delimiterStart && bytes[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed;
  for (const part of parts) part.bodyEnd = Math.max(end, part.bodyStart ?? end);
}
