/**
 * Where the fields of a header stand in its bytes, line by line (RFC 5322 2.2), whatever the bytes are.
 *
 * A header ends with the first empty line. Lines end with LF, with CRLF, and, as some readers have it, with CR alone; a header with such
 * lines is not sound, and an empty line among them ends it for nobody but them, so it goes on here.
 */
export interface FieldPlace {
  /** Lower case; empty for a line that is no field. */
  readonly name: string;
  readonly start: number;
  /** Behind the end of its last line. */
  readonly end: number;
}

export interface LinePlace {
  readonly start: number;
  /** Before what ends it. */
  readonly textEnd: number;
  /** Behind what ends it. */
  readonly end: number;
}

const [LINE_FEED, CARRIAGE_RETURN, BLANK, TAB] = [0x0a, 0x0d, 0x20, 0x09] as const;
/** How the line begins that mail programs put before a mail. */
export const SEPARATOR = 'From ';
const MOST_NAME_BYTES = 200;
const NAME = /^([!-9;-~]+)[ \t]*:/;

/** Of the header that begins at `start`, up to the empty line or `limit`. */
export function* fieldsFrom(bytes: Buffer, start: number, limit = bytes.length): Generator<FieldPlace, number> {
  let field: FieldPlace | undefined;
  let at = start;
  while (at < limit) {
    const line = lineAt(bytes, at);
    if (isEnd(bytes, line, start)) break;
    if (field && isFolded(bytes, line)) field = { ...field, end: line.end };
    else {
      if (field) yield field;
      field = { name: nameIn(bytes, line), start: line.start, end: line.end };
    }
    at = line.end;
  }
  if (field) yield field;
  return at;
}

/** The next line; its end is the end of the bytes where nothing else ends it. */
export function lineAt(bytes: Buffer, start: number): LinePlace {
  let at = start;
  while (at < bytes.length && bytes[at] !== LINE_FEED && bytes[at] !== CARRIAGE_RETURN) at += 1;
  const isPair = bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED;
  return { start, textEnd: at, end: Math.min(at + (isPair ? 2 : 1), bytes.length) };
}

/** Where the header of a mail begins: behind the line `From ` that mail programs put before it. */
export function headerStart(bytes: Buffer): number {
  return bytes.toString('latin1', 0, SEPARATOR.length) === SEPARATOR ? lineAt(bytes, 0).end : 0;
}

/** True for an empty line, unless a bare CR made it one. */
export function isEnd(bytes: Buffer, { start, textEnd, end }: LinePlace, headerAt: number): boolean {
  if (start !== textEnd || bytes[end - 1] !== LINE_FEED) return false;
  return start === headerAt || bytes[start - 1] === LINE_FEED;
}

export function isFolded(bytes: Buffer, { start, textEnd }: LinePlace): boolean {
  return start < textEnd && (bytes[start] === BLANK || bytes[start] === TAB);
}

function nameIn(bytes: Buffer, { start, textEnd }: LinePlace): string {
  const beginning = bytes.toString('latin1', start, Math.min(textEnd, start + MOST_NAME_BYTES));
  return NAME.exec(beginning)?.[1]?.toLowerCase() ?? '';
}
