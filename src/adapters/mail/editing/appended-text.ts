/**
 * Text behind the text that a part has, in its charset and transfer encoding (RFC 2045 6), and in its format (RFC 3676); behind HTML as HTML.
 *
 * Nothing that is there is encoded again, but for the last quantum of base64, to which what follows has to be joined. Nothing is put behind HTML
 * that would hide it.
 */
import * as quotedPrintable from 'nodemailer/lib/qp';
import { withoutTransferEncoding } from '../transfer-encoding.ts';
import { base64Joint } from './base64-joint.ts';
import type { Base64Joint } from './base64-joint.ts';
import { charsetOf, encodeIn } from './charset.ts';
import type { Charset } from './charset.ts';
import { newlineOf } from './edit-header.ts';
import { hidesWhatFollows } from './html-end.ts';
import type { MimePart } from './mime-parts.ts';
import type { Splice } from './splice.ts';

type Newline = '\n' | '\r\n';

/** `lines` have no line ends. Undefined for a part that has no text, or one that nothing can be put behind. */
export function appendedText(mail: Buffer, part: MimePart, lines: readonly string[]): Splice | undefined {
  const { content, bodyStart, bodyEnd } = part;
  const isText = TEXT.test(content.type) && content.isSound && !content.isAttached;
  if (!isText || bodyStart === undefined || isReport(mail, part)) return undefined;
  const body = mail.subarray(bodyStart, bodyEnd);
  if (content.type === 'text/html' && hidesWhatFollows(htmlIn(part, body))) return undefined;
  const place: Place = {
    body,
    bodyStart,
    newline: newlineOf(body.includes('\n') ? body : mail),
    lines: () => shapedLines(part, lines),
    label: content.parameters.get('charset'),
    isFollowed: bodyEnd < mail.length,
    isLineEnded: mail[bodyEnd] === LINE_FEED || mail[bodyEnd] === CARRIAGE_RETURN,
  };
  return behind.get(content.encoding)?.(place);
}

/** As far as it is ASCII. */
function htmlIn({ content: { encoding, parameters } }: MimePart, body: Buffer): string {
  const decoded = withoutTransferEncoding(body, encoding);
  const charset = charsetOf(parameters.get('charset'), decoded.subarray(0, BEGINNING_BYTES));
  if (charset === 'utf16be') return new TextDecoder('utf-16be').decode(decoded);
  return decoded.toString(charset === 'utf16le' ? 'utf16le' : 'latin1');
}

const TEXT = /^text\/(?:plain|html)$/;

/** By its beginning: what is a report itself must stay one. */
export function isReport(mail: Buffer, { content, bodyStart = mail.length, bodyEnd }: MimePart): boolean {
  const body = mail.subarray(bodyStart, Math.min(bodyEnd, bodyStart + BEGINNING_BYTES));
  return REPORT.test((decodedBeginning.get(content.encoding)?.(body) ?? body).toString('latin1'));
}

const BEGINNING_BYTES = 1_024;
const REPORT = /^[\s\0\ufeff\u00ef\u00bb\u00bf\u00fe\u00ff]*[[{]/;

/** By the name of the encoding, which anybody may choose. */
const decodedBeginning: ReadonlyMap<string, (body: Buffer) => Buffer> = new Map([
  ['base64', fromBase64],
  ['quoted-printable', fromQuotedPrintable],
]);

const behind: ReadonlyMap<string, (place: Place) => Splice | undefined> = new Map([
  ['7bit', (place) => behindPlain(place, sevenBit(place.label))],
  ['8bit', (place) => behindPlain(place, narrow(charsetOf(place.label, place.body)))],
  ['binary', (place) => behindPlain(place, narrow(charsetOf(place.label, place.body)))],
  ['quoted-printable', behindQuotedPrintable],
  ['base64', behindBase64],
]);

interface Place {
  readonly body: Buffer;
  readonly bodyStart: number;
  readonly newline: Newline;
  /** Made where they are needed: there may be many parts that nothing can be put behind. */
  readonly lines: () => readonly string[];
  /** Of the charset. */
  readonly label: string | undefined;
  /** Whether something comes behind it, and whether its last line ends before that. */
  readonly isFollowed: boolean;
  readonly isLineEnded: boolean;
}

function shapedLines({ content: { type, parameters } }: MimePart, lines: readonly string[]): readonly string[] {
  if (type === 'text/html') return ['<hr>', `<pre style="${HTML_STYLE}">`, ...lines.map(asHtml), '</pre>'];
  return parameters.get('format')?.toLowerCase() === 'flowed' ? lines.map(spaceStuffed) : lines;
}

/** Also behind what has other colours and sizes. */
const HTML_STYLE = 'white-space: pre-wrap; font: 13px monospace; color: #000; background: #fff';

/** In ASCII, which is in every charset. */
function asHtml(line: string): string {
  return line.replace(/[^ !#-%'-;=?-~]/gu, (character) => `&#${String(character.codePointAt(0))};`);
}

/** RFC 3676 4.2, 4.4: a blank at the end would join a line with the next one, one at its beginning is taken away. */
function spaceStuffed(line: string): string {
  const fixed = line.trimEnd();
  return /^[ >]/.test(fixed) ? ` ${fixed}` : fixed;
}

function isWide(charset: Charset): boolean {
  return charset === 'utf16le' || charset === 'utf16be';
}

/** Where line ends are those of the mail, text in UTF-16 has none. */
function narrow(charset: Charset | undefined): Charset | undefined {
  return charset === undefined || isWide(charset) ? undefined : charset;
}

function sevenBit(label: string | undefined): Charset | undefined {
  return narrow(charsetOf(label, NOTHING)) === undefined ? undefined : 'ascii';
}

const NOTHING = Buffer.alloc(0);

function behindPlain(place: Place, charset: Charset | undefined): Splice | undefined {
  if (charset === undefined) return undefined;
  return inserted(place, encodeIn(charset, joined(place, place.lines())), gapBehind(place));
}

/** What comes behind a text must not stand on its last line. */
function joined({ newline, isLineEnded }: Place, lines: readonly string[]): string {
  return [...lines, ...(isLineEnded ? [] : [''])].join(newline);
}

/** One empty line between the two. */
function gapBehind({ body, newline }: Place): string {
  if (body.length === 0) return '';
  return body.at(-1) === LINE_FEED ? newline : newline + newline;
}

const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

function inserted({ body, bodyStart }: Place, bytes: Buffer, gap: string): Splice {
  const at = bodyStart + body.length;
  return { start: at, end: at, bytes: Buffer.concat([Buffer.from(gap, 'latin1'), bytes]) };
}

function behindQuotedPrintable(place: Place): Splice | undefined {
  const { body, newline, label } = place;
  const charset = narrow(charsetOf(label, NOTHING));
  if (charset === undefined) return undefined;
  const encoded = place
    .lines()
    .map((line) => quotedPrintable.wrap(quotedPrintable.encode(encodeIn(charset, line))).replaceAll('\r\n', newline));
  const isOpen = /=[ \t]*$/.test(body.subarray(-80).toString('latin1')); // the next line end would be none
  return inserted(place, Buffer.from(joined(place, encoded), 'latin1'), (isOpen ? newline : '') + gapBehind(place));
}

/** RFC 2045 6.8 */
function behindBase64({ body, bodyStart, newline, lines, label, isFollowed, isLineEnded }: Place): Splice | undefined {
  const joint = base64Joint(body);
  const charset = charsetOf(label, fromBase64(body.subarray(0, BEGINNING_BYTES)));
  if (joint === undefined || charset === undefined) return undefined;
  if (isWide(charset) && joint.textBytes % 2 !== 0) return undefined;
  const rest = fromBase64(body.subarray(joint.start, joint.end));
  const added = Buffer.concat([rest, encodeIn(charset, withGap(body, { charset, joint, lines: lines() }))]).toString(
    'base64',
  );
  const before = joint.start === 0 || body[joint.start - 1] === LINE_FEED ? '' : newline;
  const after = isFollowed && !isLineEnded ? newline : '';
  return {
    start: bodyStart + joint.start,
    end: bodyStart + joint.end,
    bytes: Buffer.from(before + (added.match(LINES) ?? []).join(newline) + after, 'latin1'),
  };
}

const LINES = /.{1,76}/g;

interface Appending {
  readonly charset: Charset;
  readonly joint: Base64Joint;
  readonly lines: readonly string[];
}

/** The kind of line ends is that of the beginning; CRLF where it has none (RFC 2046 4.1.1). */
function withGap(body: Buffer, { charset, joint, lines }: Appending): string {
  const beginning = fromBase64(body.subarray(0, BEGINNING_BYTES));
  const last = fromBase64(body.subarray(joint.endingStart, joint.end)).subarray(isWide(charset) ? -2 : -1);
  const has = (text: string): boolean => beginning.includes(encodeIn(charset, text));
  const newline = has('\r\n') || !has('\n') ? '\r\n' : '\n';
  const isEnded = last.equals(encodeIn(charset, '\n'));
  const gap = joint.textBytes === 0 ? '' : isEnded ? newline : newline + newline;
  return gap + [...lines, ''].join(newline);
}

function fromQuotedPrintable(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replace(/=[ \t]*\r?\n/g, '');
  const decode = (_: string, hex: string): string => String.fromCharCode(parseInt(hex, 16));
  return Buffer.from(text.replace(/=([0-9a-f]{2})/gi, decode), 'latin1');
}

function fromBase64(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1'), 'base64');
}
