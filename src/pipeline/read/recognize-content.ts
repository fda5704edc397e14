/**
 * What bytes are, by their beginning and not by any name or media type, since these are wrong in every way (RFC 8460 5.3, 6.4, 6.5).
 */
export type ContentKind = 'archive' | 'empty' | 'gzip' | 'json' | 'mail' | 'mbox' | 'unknown' | 'zlib';

/** As much of the beginning as may have to be seen. */
const BEGINNING_BYTES = 4_096;
const [GZIP_1, GZIP_2, DEFLATED] = [0x1f, 0x8b, 8] as const;
const ZIP = Buffer.from('PK\u0003\u0004', 'latin1');
const ZLIB_DEFLATE = 0x78;
const NOT_BLANK = /[^\s\0\ufeff\u00ef\u00bb\u00bf\u00fe\u00ff]/;

export function recognizeContent(bytes: Uint8Array): ContentKind {
  const [first, second, third] = bytes;
  if (first === GZIP_1 && second === GZIP_2 && third === DEFLATED) return 'gzip';
  if (startsWith(bytes, ZIP)) return 'archive';
  if (isZlib(first, second)) return 'zlib';
  // Marks of an encoding and the NULs of UTF-16 are no more than blanks here.
  const character = NOT_BLANK.exec(beginningOf(bytes))?.[0];
  if (character === undefined) return bytes.length === 0 ? 'empty' : 'unknown';
  return character === '{' || character === '[' ? 'json' : recognizeMail(bytes);
}

const MBOX = /^From [^\r\n]*\r?\n/;
/** RFC 5322 2.2: a name without blanks, and a colon; the blanks before it are of RFC 822. */
const HEADER_FIELD = /^[!-9;-~]{1,200}[ \t]*:/;
/** A byte order mark and blank lines, which editors and pipes put there. */
const BEFORE_MAIL = /^(?:\u00ef\u00bb\u00bf)?\s*/;

/** Where a mail, or an mbox, begins in bytes that are one. */
export function beginningOfMail(bytes: Uint8Array): number {
  return BEFORE_MAIL.exec(beginningOf(bytes))?.[0].length ?? 0;
}

function recognizeMail(bytes: Uint8Array): ContentKind {
  const beginning = beginningOf(bytes).slice(beginningOfMail(bytes));
  if (MBOX.test(beginning)) return 'mbox';
  return HEADER_FIELD.test(beginning) ? 'mail' : 'unknown';
}

/** RFC 1950 2.2 */
function isZlib(first: number | undefined, second: number | undefined): boolean {
  return first === ZLIB_DEFLATE && second !== undefined && ((first << 8) | second) % 31 === 0;
}

function startsWith(bytes: Uint8Array, mark: Uint8Array): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

function beginningOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, Math.min(length, BEGINNING_BYTES)).toString('latin1');
}
