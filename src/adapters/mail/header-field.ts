/**
 * One header field of a mail, folded only between the pieces it is given (RFC 5322 2.2.3).
 *
 * Throws on what cannot stand in a header: its callers pass values that were checked, so that is a bug, and a mail with a header
 * field more than it should have is worse than a crash.
 */
const PRINTABLE = /^[\x20-\x7e]+$/;
const MAX_LINE_LENGTH = 998; // RFC 5322 2.1.1

export function headerField(name: string, ...pieces: string[]): string {
  const lines = [`${name}: ${pieces[0] ?? ''}`, ...pieces.slice(1).map((piece) => ` ${piece}`)];
  if (!lines.every((line) => PRINTABLE.test(line) && line.length <= MAX_LINE_LENGTH)) {
    throw new Error(`the mail header ${name} would not be one`);
  }
  return lines.join('\r\n');
}
