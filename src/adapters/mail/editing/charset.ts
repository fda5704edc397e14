/**
 * Our words in the charset of somebody else's text: what it has no character for becomes the letter without its marks, or a question mark.
 *
 * Charsets that hold ASCII as it is get ASCII, as that is all there is an encoder for; UTF-8, UTF-16 and Latin-1 get everything they have.
 */
export type Charset = 'ascii' | 'latin1' | 'utf16be' | 'utf16le' | 'utf8';

const ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 0x20 + index), 0x0a);
/** What is not ASCII in there, or not always: UTF-7, UTF-32, EBCDIC, and those that are switched. */
const OTHER_FORM = /utf-?7|utf-?32|ucs|ebcdic|^cp?0?(?:37|500)$|^ibm0?(?:37|500)|iso-?2022|^hz/;

/** `label` as the header has it; `beginning` is of the decoded text. Undefined for one that nothing can be written in. */
export function charsetOf(label: string | undefined, beginning: Buffer): Charset | undefined {
  if (label === undefined) return 'ascii';
  const name = label.trim().toLowerCase();
  if (OTHER_FORM.test(name)) return undefined;
  const known = decoderName(name);
  if (known === 'utf-16le') return name === known ? 'utf16le' : byMark(beginning);
  return WITH_ENCODER.get(known ?? '') ?? (holdsAscii(known) ? 'ascii' : undefined);
}

const WITH_ENCODER: ReadonlyMap<string, Charset> = new Map([
  ['utf-8', 'utf8'],
  ['utf-16be', 'utf16be'],
  ['windows-1252', 'latin1'],
]);

export function encodeIn(charset: Charset, text: string): Buffer {
  switch (charset) {
    case 'utf8':
      return Buffer.from(text, 'utf8');
    case 'utf16le':
      return Buffer.from(text, 'utf16le');
    case 'utf16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'latin1':
      return Buffer.from(replaced(text, /[^\0-\x7f\xa0-\xff]/gu), 'latin1');
    case 'ascii':
      return Buffer.from(replaced(text, /[^\0-\x7f]/gu), 'latin1');
  }
}

function replaced(text: string, missing: RegExp): string {
  return text.replace(missing, (character) => {
    const bare = character.normalize('NFKD').replace(/\p{M}/gu, '');
    return /^[ -~]+$/.test(bare) ? bare : '?';
  });
}

/** RFC 2781 3.3: without a mark it says nothing. */
function byMark(beginning: Buffer): Charset | undefined {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf16le';
  return beginning[0] === 0xfe && beginning[1] === 0xff ? 'utf16be' : undefined;
}

/** As the WHATWG names it; undefined for a charset that nobody knows, of which most hold ASCII. */
function decoderName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function holdsAscii(known: string | undefined): boolean {
  return known === undefined || new TextDecoder(known).decode(Buffer.from(ASCII, 'latin1')) === ASCII;
}
