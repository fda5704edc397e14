/**
 * Writes the mail that carries a report: the whole RFC 5322 message, ready for SMTP.
 *
 * The same report, addresses and time give the same bytes. The header is written here and not by nodemailer's MimeNode, which spells
 * `Tls-Report-Domain`, cuts a file name of 75 characters into RFC 2231 pieces and puts a long value on a line of its own; nodemailer does
 * the encoding. The signature (RFC 8460 3) comes afterwards: from sign-mail.ts, or from the mail server that relays the message.
 *
 * RFC 8460 5.3 (media types, Subject, header fields), RFC 6522 3 (multipart/report).
 */
import * as base64 from 'nodemailer/lib/base64';
import { gzipText } from '#support/gzip-text.ts';
import { shortDigest } from '#support/short-digest.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';
import { MAILBOX_DIGEST_LENGTH, reportMailHeaders, reportMailSubject, reportMessageId } from '#tlsrpt/report-mail.ts';
import { displayName } from './display-name.ts';
import { headerField } from './header-field.ts';
import { encodeMailText } from './mail-text.ts';

export interface MailAddressing {
  /** Bare mailbox, `local@domain`. */
  readonly from: string;
  /** Any text of one line. */
  readonly fromName?: string | undefined;
  /** Bare mailbox, `local@domain`. */
  readonly to: string;
  readonly nowMs: number;
}

export async function composeReportMail(report: OutgoingReport, addressing: MailAddressing): Promise<Buffer> {
  const boundary = `tlsrpt-${shortDigest(report.reportId, 32)}`;
  const lines = [
    ...headerLines(report, addressing),
    headerField('Content-Type', 'multipart/report; report-type="tlsrpt";', `boundary="${boundary}"`), // RFC 8460 5.3
    '',
    `--${boundary}`,
    ...summaryPart(report),
    `--${boundary}`,
    ...documentPart(report, await gzipText(report.document)),
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'ascii');
}

function headerLines(report: OutgoingReport, { from, fromName, to, nowMs }: MailAddressing): string[] {
  return [
    headerField('From', ...(fromName === undefined ? [from] : [...displayName(fromName), `<${from}>`])),
    headerField('To', to),
    subjectField(report),
    headerField('Date', new Date(nowMs).toUTCString().replace('GMT', '+0000')),
    headerField('Message-ID', reportMessageId(report, shortDigest(to, MAILBOX_DIGEST_LENGTH))),
    headerField('MIME-Version', '1.0'),
    ...reportMailHeaders(report).map(([name, value]) => headerField(name, value)),
  ];
}

/** Folded where the example of RFC 8460 5.3 is, so that names and id stay whole and unfolding gives the exact text back. */
function subjectField(report: OutgoingReport): string {
  return headerField('Subject', ...reportMailSubject(report).split(/ (?=Submitter: |Report-ID: )/));
}

function summaryPart({ summary }: OutgoingReport): string[] {
  const { encoding, text } = encodeMailText(summary);
  return [
    headerField('Content-Type', 'text/plain; charset=utf-8'),
    headerField('Content-Transfer-Encoding', encoding),
    '',
    text,
  ];
}

function documentPart({ fileName }: OutgoingReport, compressed: Buffer): string[] {
  if (/["\\]/.test(fileName)) throw new Error('a report file name must not need quoting');
  return [
    headerField('Content-Type', 'application/tlsrpt+gzip;', `name="${fileName}"`),
    headerField('Content-Disposition', `attachment; filename="${fileName}"`), // one line: some receivers read it without unfolding
    headerField('Content-Transfer-Encoding', 'base64'),
    '',
    base64.wrap(base64.encode(compressed)),
  ];
}
