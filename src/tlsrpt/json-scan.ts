/**
 * Finds where things end in the bytes of JSON, without a look at whether it is any: that is for whoever parses what is found.
 */
export const sign = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  semicolon: 0x3b,
  list: 0x5b,
  escape: 0x5c,
  listEnd: 0x5d,
  object: 0x7b,
  objectEnd: 0x7d,
} as const;

export interface TokenCounts {
  readonly brackets: number;
  readonly commas: number;
  /** Of what may separate lines or records in a text: a line feed is escaped there. */
  readonly splits: number;
}

/** In bytes that are still encoded; those that stand in texts count as well. */
export function tokensIn(bytes: Uint8Array): TokenCounts {
  let [brackets, commas, splits] = [0, 0, 0];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === sign.comma) commas += 1;
    else if (byte === sign.object || byte === sign.list) brackets += 1;
    else if (byte === sign.semicolon || byte === sign.escape) splits += 1;
  }
  return { brackets, commas, splits };
}

export interface ScannedValue {
  /** Behind it. */
  readonly end: number;
  /** Of all objects in it, those of the same name too. */
  readonly members: number;
}

/** Of the value that begins at `start`; undefined when none does, or it does not end. */
export function scanValue(bytes: Uint8Array, start: number): ScannedValue | undefined {
  let [at, depth, members] = [start, 0, 0];
  const first = bytes[start];
  if (first !== sign.quote && !opens(first)) return scanWord(bytes, start);
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === sign.quote) at = endOfText(bytes, at);
    else if (byte === sign.colon) members += 1;
    else if (byte === sign.object || byte === sign.list) depth += 1;
    else if (byte === sign.objectEnd || byte === sign.listEnd) depth -= 1;
    if (depth === 0) return at < bytes.length ? { end: at + 1, members } : undefined;
  }
  return undefined;
}

export function opens(byte: number | undefined): boolean {
  return byte === sign.list || byte === sign.object;
}

/** Behind the blanks at `from`. */
export function behindBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(bytes[at])) at += 1;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

const MOST_DIGITS = 1_000;
const WORD = /^[-+.\w]$/;

/** A number, true, false or null. */
function scanWord(bytes: Uint8Array, start: number): ScannedValue | undefined {
  let at = start;
  while (at < bytes.length && at - start < MOST_DIGITS && WORD.test(String.fromCharCode(bytes[at] ?? 0))) at += 1;
  return at === start ? undefined : { end: at, members: 0 };
}

/** Where the quote is that ends the text which begins at `start`, or the end of it all. */
export function endOfText(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === sign.quote) return at;
    if (byte === sign.escape) at += 1;
  }
  return bytes.length;
}
