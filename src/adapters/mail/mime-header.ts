/**
 * The header of a mail or of one of its parts, read with patience: a line that is no field is passed over (RFC 5322 2.2, RFC 2045 5, RFC 2231).
 *
 * Of fields that there are several of, the first counts.
 */
import { parseHeaderValue } from 'nodemailer/lib/mime-funcs';
import type { ParsedHeaderValue } from 'nodemailer/lib/mime-funcs';
import { decodeWords } from 'postal-mime';

export interface MimeHeader {
  /** Decoded, in one line and cut, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  /** Lower case. */
  readonly mediaType: string;
  /** Those of Content-Type, by lower-case name. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly fileName: string;
  /** Content-Transfer-Encoding in lower case; empty where there is none. */
  readonly encoding: string;
}

const FIELD = /^([!-9;-~]+)[ \t]*:/;
const MAX_VALUE_LENGTH = 4_096;

/** `text` is a header without the blank line behind it. */
export function readMimeHeader(text: string): MimeHeader {
  const raw = new Map<string, string>();
  for (const line of text.split(/\r?\n(?![ \t])/)) {
    const [beginning = '', name = ''] = FIELD.exec(line) ?? [];
    const key = name.toLowerCase();
    if (key !== '' && !raw.has(key)) raw.set(key, valueIn(line.slice(beginning.length, MAX_VALUE_LENGTH)));
  }
  const type = structured(raw.get('content-type'));
  return {
    fields: new Map([...raw].map(([name, value]) => [name, decoded(value)])),
    mediaType: type.value.toLowerCase(),
    parameters: type.params,
    fileName: decoded(structured(raw.get('content-disposition')).params['filename'] ?? type.params['name'] ?? ''),
    encoding: structured(raw.get('content-transfer-encoding')).value.toLowerCase(),
  };
}

function valueIn(text: string): string {
  return text.replace(/[\r\n]+/g, '').trim();
}

function structured(value = ''): ParsedHeaderValue {
  return parseHeaderValue(value, { stripComments: true });
}

/** RFC 2047; continued parameters come as such words, too. */
function decoded(value: string): string {
  return value.includes('=?') ? decodeWords(value) : value;
}
