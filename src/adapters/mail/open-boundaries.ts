/**
 * The boundaries of the multiparts that are open at a place of a mail, and which lines are one of them (RFC 2046 5.1.1).
 *
 * However many are open, a line is looked up once: whoever sends a mail chooses how deep its multiparts are, and how many lines in them
 * begin like a boundary. Of equal ones the innermost counts.
 */
export interface Delimiter {
  /** Of its multipart among those that are open. */
  readonly level: number;
  readonly isLast: boolean;
}

export const MAX_BOUNDARY_LENGTH = 200; // RFC 2046 5.1.1: 70
const BLANKS = /[ \t\r]+$/;
const [LINE_FEED, CARRIAGE_RETURN, HYPHEN, SPACE, TAB] = [0x0a, 0x0d, 0x2d, 0x20, 0x09] as const;

export class OpenBoundaries {
  /** How many lines were looked up. */
  lookUps = 0;
  /** By what stands behind the two dashes, without the blanks at its end; the innermost last. */
  readonly #byText = new Map<string, Delimiter[]>();
  /** Of each level. */
  readonly #texts: (readonly string[])[] = [];

  get size(): number {
    return this.#texts.length;
  }

  /** One level more; undefined for what has no boundary. */
  push(boundary: Buffer | undefined): void {
    const level = this.#texts.length;
    const text = boundary?.toString('latin1');
    const texts = text === undefined ? [] : [text.replace(BLANKS, ''), `${text}--`];
    for (const [index, each] of texts.entries()) {
      const delimiter = { level, isLast: index === 1 };
      const others = this.#byText.get(each);
      if (others) others.push(delimiter);
      else this.#byText.set(each, [delimiter]);
    }
    this.#texts.push(texts);
  }

  /** Closes all levels from this one on. */
  cut(level: number): void {
    for (const text of this.#texts.splice(level).reverse().flat()) {
      const delimiters = this.#byText.get(text);
      if (delimiters && delimiters.length > 1) delimiters.pop();
      else this.#byText.delete(text);
    }
  }

  /** `line` is where a line begins. */
  at(bytes: Buffer, line: number): Delimiter | undefined {
    if (bytes[line] !== HYPHEN || bytes[line + 1] !== HYPHEN) return undefined;
    this.lookUps += 1;
    const end = endOfText(bytes, line + 2);
    if (end - line - 2 > MAX_BOUNDARY_LENGTH + 2) return undefined;
    return this.#byText.get(bytes.toString('latin1', line + 2, end))?.at(-1);
  }

  /** Where the header of a mail or a part ends: at a blank line, at one of the boundaries, or somewhere behind `maxBytes`. */
  endOfHeader(bytes: Buffer, start: number, maxBytes = Infinity): number {
    let line = start;
    while (line < bytes.length && line - start <= maxBytes) {
      if (isBlankLine(bytes, line) || this.at(bytes, line)) return line;
      line = endOfLine(bytes, line);
    }
    return line;
  }
}

/** Where the next line begins that may be one; `from` is where a line begins. */
export function nextDashes(bytes: Buffer, from: number): number | undefined {
  const lineFeed = bytes.indexOf('\n--', Math.max(from - 1, 0));
  return lineFeed < 0 ? undefined : lineFeed + 1;
}

export function isBlankLine(bytes: Buffer, at: number): boolean {
  return bytes[at] === LINE_FEED || (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED);
}

/** Where the next line begins. */
export function endOfLine(bytes: Buffer, at: number): number {
  const lineFeed = bytes.indexOf(LINE_FEED, at);
  return lineFeed < 0 ? bytes.length : lineFeed + 1;
}

/** Before the blanks at the end of the line. */
function endOfText(bytes: Buffer, from: number): number {
  const lineFeed = bytes.indexOf(LINE_FEED, from);
  let end = lineFeed < 0 ? bytes.length : lineFeed;
  while (end > from && isBlank(bytes[end - 1])) end -= 1;
  return end;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN;
}
