/**
 * Writes the mail with a notice to the operator: one part of plain text, in ASCII and CRLF, as sign-mail.ts wants it.
 *
 * Its words may be foreign. The subject is bounded, in one line and of ASCII here, whatever is in it; the text is encoded.
 */
import { createHash } from 'node:crypto';
import type { Notice } from '#store/notices.ts';
import type { MailAddressing } from './compose-report-mail.ts';
import { displayName } from './display-name.ts';
import { headerField } from './header-field.ts';
import { encodeMailText } from './mail-text.ts';

const MAX_SUBJECT_LENGTH = 200;

export function composeNoticeMail({ id, subject, text }: Notice, addressing: MailAddressing): Buffer {
  const { from, fromName, to, nowMs } = addressing;
  const body = encodeMailText(text);
  const lines = [
    headerField('From', ...(fromName === undefined ? [from] : [...displayName(fromName), `<${from}>`])),
    headerField('To', to),
    headerField('Subject', asciiLine(subject)),
    headerField('Date', new Date(nowMs).toUTCString().replace('GMT', '+0000')),
    headerField('Message-ID', messageId(id, to, from)),
    headerField('MIME-Version', '1.0'),
    headerField('TLS-Required', 'No'), // RFC 8689 5: that TLS fails must not keep it from telling so
    headerField('Auto-Submitted', 'auto-generated'), // RFC 3834 5: no vacation answers
    headerField('Content-Type', 'text/plain; charset=utf-8'),
    headerField('Content-Transfer-Encoding', body.encoding),
    '',
    body.text,
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'ascii');
}

function asciiLine(subject: string): string {
  const ascii = subject.replace(/[^\x20-\x7e]+/g, '?').slice(0, MAX_SUBJECT_LENGTH);
  return ascii.trim() === '' ? 'TLS reports' : ascii;
}

/** The same for each attempt at one address, so that a copy can be recognised. */
function messageId(id: string, to: string, from: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([id, to]))
    .digest('hex')
    .slice(0, 32);
  return `<notice-${digest}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}
