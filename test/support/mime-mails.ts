/**
 * Mails put together part by part.
 */
import { GZIPPED, lines, REPORT_HEADER } from './inbound-mails.ts';

export const REPORT_PART = [
  'Content-Type: application/tlsrpt+gzip',
  'Content-Transfer-Encoding: base64',
  '',
  GZIPPED.toString('base64').replace(/.{76}/g, '$&\r\n'),
];

/** A mail of these parts, which stand one behind the other. */
export function mixed(parts: readonly (readonly string[])[], type = 'multipart/mixed', boundary = 'b'): Buffer {
  return lines(...REPORT_HEADER, 'MIME-Version: 1.0', ...multipart(parts, type, boundary));
}

export function multipart(parts: readonly (readonly string[])[], type: string, boundary: string): string[] {
  const within = parts.flatMap((part) => [`--${boundary}`, ...part]);
  return [`Content-Type: ${type}; boundary="${boundary}"`, '', ...within, `--${boundary}--`];
}

export function textPart(type: string, encoding: string, ...content: readonly string[]): string[] {
  return [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`, '', ...content];
}

export const base64Text = (
  text: string,
  type = 'text/plain; charset=utf-8',
  encoding: BufferEncoding = 'utf8',
): string[] => textPart(type, 'base64', Buffer.from(text, encoding).toString('base64'));
export const plain = textPart('text/plain', '7bit', 'This is a report.');
export const html = textPart(
  'text/html; charset=utf-8',
  'quoted-printable',
  '<html><body><p>caf=C3=A9</p></body></html>',
);
export const binaryMail = (...pieces: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)));
export const withLf = (mail: Buffer): Buffer => Buffer.from(mail.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
export function mixedOf(parts: readonly (readonly string[])[], kind = 'mixed'): Buffer {
  return lines('From: a@b.example', 'MIME-Version: 1.0', ...multipart(parts, `multipart/${kind}`, 'b'));
}

export function reportPart(content: Buffer): string[] {
  return [...REPORT_PART.slice(0, 3), content.toString('base64')];
}

export function wholeMail(part: readonly string[]): Buffer {
  return lines(...REPORT_HEADER, 'MIME-Version: 1.0', ...part);
}

export function quoted(text: string): string {
  return text.replaceAll('=', '=3D').replace(/.{70}/g, '$&=\r\n');
}
