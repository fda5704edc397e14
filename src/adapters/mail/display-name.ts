/**
 * The name before an address in a header (RFC 5322 3.4), in pieces between which the field may be folded.
 *
 * It is quoted where it has more than letters, digits and spaces, and encoded where it is not ASCII (RFC 2047 5).
 */
import { encodeWord } from 'nodemailer/lib/mime-funcs';

const PLAIN = /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/;
const ASCII = /^[\x20-\x7e]*$/;
const MAX_ENCODED_WORD_LENGTH = 75; // RFC 2047 2
const MAX_QUOTED_LENGTH = 70;

export function displayName(name: string): string[] {
  if (PLAIN.test(name) && name.length <= MAX_QUOTED_LENGTH) return [name];
  if (ASCII.test(name) && name.length <= MAX_QUOTED_LENGTH) return [`"${name.replace(/["\\]/g, '\\$&')}"`];
  return encodeWord(name, 'Q', MAX_ENCODED_WORD_LENGTH).split(' ');
}
