/**
 * The parts of a mail as places in its bytes (RFC 2046 5.1), without decoding any, for text to be put among them.
 *
 * Only multiparts whose parts are read one after the other or one for the other are looked into: what is signed, encrypted or a mail of its
 * own is one piece, which nothing may be changed of. Undefined for a mail that readers may take apart in different ways.
 */
import { contentFields } from './content-type.ts';
import type { ContentFields } from './content-type.ts';
import { fieldsFrom, headerStart, lineAt } from './field-places.ts';

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
const [LINE_FEED, CARRIAGE_RETURN, BLANK, TAB] = [0x0a, 0x0d, 0x20, 0x09];

export function mimeParts(bytes: Buffer): MimePart | undefined {
  const root = partAt(bytes, headerStart(bytes), bytes.length);
  const open = [root];
  let [count, at] = [0, root.bodyStart ?? bytes.length];
  for (let found = delimiterFrom(bytes, at, open); found; found = delimiterFrom(bytes, at, open)) {
    const { level, isLast } = found;
    closeParts(bytes, open.splice(isLast ? level : level + 1), found.start);
    at = found.end;
    if (isLast) continue;
    const part = partAt(bytes, at, delimiterFrom(bytes, at, open)?.start ?? bytes.length);
    count += 1;
    if (count > MOST_PARTS || open.length > DEEPEST || isAmbiguous(part, open)) return undefined;
    open[level]?.parts.push(part);
    open.push(part);
    at = part.bodyStart ?? at;
  }
  return root;
}

function partAt(bytes: Buffer, start: number, limit: number): MimePart {
  const headerEnd = headerEndFrom(bytes, start, limit);
  const content = contentFields(bytes, start, headerEnd);
  return {
    content,
    headerStart: start,
    headerEnd,
    bodyStart: headerEnd < limit ? lineAt(bytes, headerEnd).end : undefined,
    bodyEnd: bytes.length,
    parts: [],
    boundary: boundaryIn(content),
  };
}

function headerEndFrom(bytes: Buffer, start: number, limit: number): number {
  const fields = fieldsFrom(bytes, start, limit);
  for (let next = fields.next(); ; next = fields.next()) if (next.done === true) return next.value;
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

interface Delimiter {
  readonly start: number;
  readonly end: number;
  /** Of the multipart among those that are open. */
  readonly level: number;
  readonly isLast: boolean;
}

/** The next line that is a boundary of one of them; `from` is where a line begins. */
function delimiterFrom(bytes: Buffer, from: number, open: readonly MimePart[]): Delimiter | undefined {
  for (let start = firstDashes(bytes, from); start !== undefined; start = nextDashes(bytes, start)) {
    const { textEnd, end } = lineAt(bytes, start);
    for (let level = open.length - 1; level >= 0; level -= 1) {
      const rest = restBehind(bytes.subarray(start + 2, textEnd), open[level]?.boundary);
      if (rest !== undefined) return { start, end, level, isLast: rest.length >= 2 && rest[0] === 0x2d };
    }
  }
  return undefined;
}

/** The first line that begins with two dashes; `from` is where a line begins. */
function firstDashes(bytes: Buffer, from: number): number | undefined {
  return bytes.toString('latin1', from, from + 2) === '--' ? from : nextDashes(bytes, from);
}

function nextDashes(bytes: Buffer, behind: number): number | undefined {
  const found = bytes.indexOf('\n--', behind);
  return found < 0 ? undefined : found + 1;
}

/** What stands behind the boundary, when that may stand there: two dashes or nothing, and blanks. */
function restBehind(text: Buffer, boundary: Buffer | undefined): Buffer | undefined {
  if (!boundary || !text.subarray(0, boundary.length).equals(boundary)) return undefined;
  const rest = text.subarray(boundary.length);
  const blanks = rest[0] === 0x2d && rest[1] === 0x2d ? rest.subarray(2) : rest;
  return blanks.every((byte) => byte === BLANK || byte === TAB) ? rest : undefined;
}

function closeParts(bytes: Buffer, parts: readonly MimePart[], delimiterStart: number): void {
  const feed = bytes[delimiterStart - 1] === LINE_FEED ? delimiterStart - 1 : delimiterStart;
  const end = feed < delimiterStart && bytes[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed;
  for (const part of parts) part.bodyEnd = Math.max(end, part.bodyStart ?? end);
}
