/**
 * The JSON values in foreign bytes: mostly one, sometimes several behind each other, sometimes with something else behind them.
 *
 * Text is UTF-8 (RFC 8259 8.1); a byte order mark, UTF-16 and texts of which some characters are in Windows-1252 are met as well. How many
 * values JSON.parse will make of it is bounded before it is asked.
 */
import type { RemarkCode } from './inbound-remark.ts';

const [LIST, OBJECT, LIST_END, OBJECT_END, QUOTE, ESCAPE] = [0x5b, 0x7b, 0x5d, 0x7d, 0x22, 0x5c] as const;
const [COMMA, SEMICOLON] = [0x2c, 0x3b] as const;
const MOST_VALUES = 1_000;

export interface TokenCounts {
  readonly brackets: number;
  readonly commas: number;
  /** Of what may separate lines or records in a text: a line feed is escaped there. */
  readonly splits: number;
}

/** In bytes that are still encoded; those that stand in texts count as well. */
export function tokensIn(bytes: Uint8Array): TokenCounts {
  let [brackets, commas, splits] = [0, 0, 0];
  for (const byte of bytes)
    if (byte === COMMA) commas += 1;
    else if (byte === OBJECT || byte === LIST) brackets += 1;
    else if (byte === SEMICOLON || byte === ESCAPE) splits += 1;
  return { brackets, commas, splits };
}

export interface DecodedText {
  readonly text: string;
  readonly remarks: readonly RemarkCode[];
}

export function decodeJson(bytes: Uint8Array): DecodedText {
  const encoding = utf16In(bytes);
  if (encoding !== undefined) return { text: decode(bytes, encoding), remarks: ['not-utf8'] };
  const mark: readonly RemarkCode[] =
    bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? ['byte-order-mark'] : [];
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), remarks: mark };
  } catch {
    return { text: decode(bytes, 'windows-1252'), remarks: [...mark, 'not-utf8'] };
  }
}

/** By its byte order mark, or as half of the first characters of any JSON are NUL then. */
function utf16In([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0 && fourth === 0) return 'utf-16le';
  return first === 0 && second !== 0 && third === 0 ? 'utf-16be' : undefined;
}

function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes);
}

export interface FoundValues {
  readonly values: readonly unknown[];
  /** What is behind the last value, but for blanks. */
  readonly rest: string;
  /** Whether it ends within a value. */
  readonly isCutShort: boolean;
}

export function jsonValuesIn(text: string): FoundValues {
  const whole = parse(text);
  if (whole) return { values: [whole.value], rest: '', isCutShort: false };
  const values: unknown[] = [];
  let at = 0;
  for (let end = endOfValue(text, at); end !== undefined && values.length < MOST_VALUES; end = endOfValue(text, at)) {
    const value = parse(text.slice(at, end));
    if (!value) break;
    values.push(value.value);
    at = end;
  }
  const rest = text.slice(at).trim();
  return { values, rest, isCutShort: /^[[{]/.test(rest) && endOfValue(text, at) === undefined };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** More blanks do not stand between two values. */
const MOST_BLANKS = 1_024;

/** Behind the object or list that begins at `start`, or behind blanks there; undefined when none does, or it does not end. */
function endOfValue(text: string, start: number): number | undefined {
  const blanks = text.slice(start, start + MOST_BLANKS).search(/\S/);
  let [at, depth] = [start + blanks, 0];
  if (blanks < 0 || !opens(text.charCodeAt(at))) return undefined;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfText(text, at);
    else if (opens(code)) depth += 1;
    else if (code === LIST_END || code === OBJECT_END) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

function opens(code: number): boolean {
  return code === LIST || code === OBJECT;
}

/** Where the quote is that ends the text which begins at `start`, or the end of it all. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === ESCAPE) at += 1;
  }
  return text.length;
}
