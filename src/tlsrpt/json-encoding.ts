/**
 * The encodings in which foreign JSON comes, and the texts in it.
 *
 * JSON is UTF-8 (RFC 8259 8.1); a byte order mark, UTF-16 and texts of which some characters are in Windows-1252 are met as well. All but
 * UTF-16, which is converted, have the signs of JSON as single bytes, so it can be looked through without a text of the whole.
 */
import type { RemarkCode } from './inbound-remark.ts';

export interface JsonBytes {
  readonly bytes: Uint8Array;
  /** Of the bytes from `start` to before `end`. */
  readonly textOf: (start: number, end: number) => string;
  readonly remarks: readonly RemarkCode[];
}

export function jsonBytes(document: Uint8Array): JsonBytes {
  const encoding = utf16In(document);
  if (encoding !== undefined) return withDecoder(utf8Of(document, encoding), 'utf-8', ['not-utf8']);
  const hasMark = document[0] === 0xef && document[1] === 0xbb && document[2] === 0xbf;
  const marks: readonly RemarkCode[] = hasMark ? ['byte-order-mark'] : [];
  const bytes = hasMark ? document.subarray(3) : document;
  return isUtf8(bytes)
    ? withDecoder(bytes, 'utf-8', marks)
    : withDecoder(bytes, 'windows-1252', [...marks, 'not-utf8']);
}

function withDecoder(bytes: Uint8Array, encoding: string, remarks: readonly RemarkCode[]): JsonBytes {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return { bytes, textOf: (start, end) => decoder.decode(bytes.subarray(start, end)), remarks };
}

const PIECE_BYTES = 65_536;

/** Piece by piece, as the text of it all takes much memory; each by itself, as a decoder that goes on takes four times as long. */
function isUtf8(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for (let at = 0; at < bytes.length;) {
      const end = beginOfCharacter(bytes, at + PIECE_BYTES);
      decoder.decode(bytes.subarray(at, end));
      at = end;
    }
    return true;
  } catch {
    return false;
  }
}

const LONGEST_CHARACTER = 4;

/** At `at` or a little before it. */
function beginOfCharacter(bytes: Uint8Array, at: number): number {
  for (let begin = at; begin > at - LONGEST_CHARACTER; begin -= 1) if (!isContinued(bytes[begin])) return begin;
  return at;
}

function isContinued(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

/** By its byte order mark, or as half of the first characters of any JSON are NUL then. */
function utf16In([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0 && fourth === 0) return 'utf-16le';
  return first === 0 && second !== 0 && third === 0 ? 'utf-16be' : undefined;
}

/** Two bytes become three at most; JSON has hardly any that do. */
function utf8Of(document: Uint8Array, encoding: string): Uint8Array {
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < document.length; at += PIECE_BYTES)
    pieces.push(encoder.encode(decoder.decode(document.subarray(at, at + PIECE_BYTES), { stream: true })));
  return concatenated(pieces);
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
