/**
 * Mails with reports as other reporters send them, each with the shape of one that is met.
 */
import { gzipSync } from 'node:zlib';
import { soundDocument } from './inbound-documents.ts';

export interface MailWish {
  /** Lines of the header beside those of MIME. */
  readonly header?: readonly string[];
  /** Of the part with the report. */
  readonly partHeader?: readonly string[];
  readonly content?: Buffer;
  readonly encoding?: 'base64' | '8bit' | 'quoted-printable';
  readonly contentType?: string;
}

export const REPORT_HEADER = [
  'From: tls@reporter.example',
  'Subject: Report Domain: a.example Submitter: reporter.example Report-ID: <1@reporter.example>',
  'TLS-Report-Domain: a.example',
  'TLS-Report-Submitter: reporter.example',
];
export const GZIPPED = gzipSync(JSON.stringify(soundDocument()));

/** A multipart/report of two parts. */
export function reportMail({
  header = REPORT_HEADER,
  partHeader = ['Content-Type: application/tlsrpt+gzip'],
  content = GZIPPED,
  encoding = 'base64',
  contentType = 'multipart/report; report-type="tlsrpt"',
}: MailWish = {}): Buffer {
  return Buffer.concat([
    lines(...header, 'MIME-Version: 1.0', `Content-Type: ${contentType}; boundary="b"`, ''),
    lines('--b', 'Content-Type: text/plain', '', 'This is a report.', '--b'),
    lines(...partHeader, `Content-Transfer-Encoding: ${encoding}`, ''),
    encoded(content, encoding),
    lines('', '--b--'),
  ]);
}

/** In another mail, as it is forwarded. */
export function forwarded(mail: Buffer): Buffer {
  return Buffer.concat([
    lines('From: me@a.example', 'Subject: Fwd', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="f"', ''),
    lines('--f', 'Content-Type: text/plain', '', 'see below', '--f', 'Content-Type: message/rfc822', ''),
    mail,
    lines('', '--f--'),
  ]);
}

export function mbox(mails: readonly Buffer[], lineEnd = '\n'): Buffer {
  return Buffer.concat(
    mails.flatMap((mail) => [
      Buffer.from(`From x@y.example Sat Jan 31 00:00:00 2026${lineEnd}`),
      mail,
      Buffer.from(lineEnd),
    ]),
  );
}

export const ordinaryMail = lines('From: me@a.example', 'Subject: lunch', '', 'Today?', '>From here it is near.');

export function lines(...texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\r\n`).join(''));
}

function encoded(content: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(content.toString('base64').replace(/.{76}/g, '$&\r\n'));
  if (encoding === '8bit') return content;
  const quoted = (byte: string): string => `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  return Buffer.from(content.toString('latin1').replace(/[^ -<>-~]/g, quoted));
}
