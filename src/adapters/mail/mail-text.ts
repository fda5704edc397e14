/**
 * Plain text as the body of a mail part: as it is where every relay lets it pass, quoted-printable otherwise (RFC 2045 6).
 */
import * as quotedPrintable from 'nodemailer/lib/qp';

const MAX_PLAIN_LINE_LENGTH = 78; // RFC 5322 2.1.1
const PLAIN_LINE = /^[\t\x20-\x7e]*$/;

/** `text` has lines ended by LF; the result has CRLF. */
export function encodeMailText(text: string): { encoding: '7bit' | 'quoted-printable'; text: string } {
  const lines = text.split(/\r?\n/);
  const plain = lines.every((line) => PLAIN_LINE.test(line) && line.length <= MAX_PLAIN_LINE_LENGTH);
  const wire = lines.join('\r\n');
  return plain
    ? { encoding: '7bit', text: wire }
    : { encoding: 'quoted-printable', text: quotedPrintable.wrap(quotedPrintable.encode(wire)) };
}
