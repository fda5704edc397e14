/**
 * Mails with a report that come to a mail filter, and where what it says has to be put.
 */
import { gzipSync } from 'node:zlib';
import type { MailCase } from './filtered-mails.ts';
import { documentWith, soundDocument } from './inbound-documents.ts';
import { forwarded, GZIPPED, lines, REPORT_HEADER, reportMail } from './inbound-mails.ts';
import {
  base64Text,
  binaryMail,
  html,
  mixed,
  multipart,
  plain,
  quoted,
  REPORT_PART,
  reportPart,
  textPart,
  wholeMail,
  withLf,
} from './mime-mails.ts';

const FAILURES = '303';
const sound = documentWith({
  'failure-details': [],
  summary: { 'total-successful-session-count': 7, 'total-failure-session-count': 0 },
});
const SOUND = gzipSync(JSON.stringify(sound));
const MULLER = gzipSync(JSON.stringify({ ...soundDocument(), 'organization-name': 'Müller \u{1f4e7}' }));
const appended = { value: FAILURES, textIn: [0] };
const asNewPart = { value: FAILURES, textIn: [0], newPart: 0 };
const asLastPart = { value: FAILURES, textIn: [1], newPart: 1 };

export const reportMails: Readonly<Record<string, MailCase>> = {
  'a report without failures': { mail: reportMail({ content: SOUND }), textIn: [0] },
  'a report with failures': { mail: reportMail(), ...appended },
  'lines with LF': { mail: withLf(reportMail()), ...appended },
  'a header with CRLF and a body with LF': {
    mail: Buffer.from(
      reportMail()
        .toString('latin1')
        .replace(/\r\n\r\n[^]*/, (body) => body.replaceAll('\r\n', '\n')),
    ),
    ...appended,
  },
  'a line From before the header': {
    mail: binaryMail('From a@b.example Sat Jan 31 00:00:00 2026\n', withLf(reportMail())),
    ...appended,
  },
  'no end of the last line': { mail: reportMail().subarray(0, -2), ...appended },
  'no last boundary': { mail: reportMail().subarray(0, -9), ...appended },
  'a field that came with it, and a report': {
    mail: binaryMail('TLS-Report-Has-Failures: 0\r\n', reportMail()),
    ...appended,
  },
  'a gzip that is not encoded': { mail: reportMail({ encoding: '8bit' }), ...appended },
  'text in base64 whose last quantum is whole': { mail: mixed([base64Text('abc'), REPORT_PART]), ...appended },
  'text in base64 with one character of padding': { mail: mixed([base64Text('abcde'), REPORT_PART]), ...appended },
  'text in base64 with two characters of padding': { mail: mixed([base64Text('abcdefg'), REPORT_PART]), ...appended },
  'text in base64 on several lines': {
    mail: mixed([textPart('text/plain; charset=utf-8', 'BASE64', 'Y2Fm', 'w6', 'kK', '', ''), REPORT_PART]),
    ...appended,
  },
  'text in base64 that does not end as it should': {
    mail: mixed([textPart('text/plain', 'base64', 'YWJjZ'), REPORT_PART]),
    ...asNewPart,
  },
  'text in base64 with a footer that is not': {
    mail: mixed([textPart('text/plain', 'base64', 'YWJj', '-- ', 'a list'), REPORT_PART]),
    ...asNewPart,
  },
  'text in quoted-printable': {
    mail: mixed([textPart('text/plain; charset=utf-8', 'quoted-printable', 'caf=C3=A9 =', 'there'), REPORT_PART]),
    ...appended,
  },
  'text in quoted-printable that ends with a soft line break': {
    mail: mixed([textPart('text/plain', 'quoted-printable', 'words='), REPORT_PART]),
    ...appended,
  },
  'text in UTF-16 with a mark': {
    mail: mixed([base64Text('\ufeffcaf\u00e9', 'text/plain; charset=UTF-16', 'utf16le'), REPORT_PART]),
    ...appended,
  },
  'text in UTF-16 of one kind': {
    mail: mixed([base64Text('caf\u00e9\r\n', 'text/plain; charset="utf-16le"', 'utf16le'), REPORT_PART]),
    ...appended,
  },
  'text in UTF-16 without a mark': {
    mail: mixed([base64Text('words', 'text/plain; charset=utf-16', 'utf16le'), REPORT_PART]),
    ...asNewPart,
  },
  'text in UTF-8 as it is, and a name beyond ASCII': {
    mail: mixed([textPart('text/plain; charset=utf-8', '8bit', 'caf\u00e9'), reportPart(MULLER)]),
    ...appended,
  },
  'text in Latin-1 as it is, and a name beyond ASCII': {
    mail: Buffer.from(
      mixed([textPart('text/plain; charset=iso-8859-1', '8bit', 'cafE'), reportPart(MULLER)])
        .toString('latin1')
        .replace('cafE', 'caf\u00e9'),
      'latin1',
    ),
    ...appended,
  },
  'text in a charset that is switched': {
    mail: mixed([textPart('text/plain; charset=iso-2022-jp', '7bit', '\u001b$B$"\u001b(B'), REPORT_PART]),
    ...asNewPart,
  },
  'text in UTF-7': {
    mail: mixed([textPart('text/plain; charset=utf-7', '7bit', 'caf+AOk-'), REPORT_PART]),
    ...asNewPart,
  },
  'text in a charset that nobody knows': {
    mail: mixed([textPart('text/plain; charset=x-unknown', '8bit', 'words'), REPORT_PART]),
    ...appended,
  },
  'text in an encoding that nobody knows': {
    mail: mixed([textPart('text/plain', 'x-uuencode', 'words'), REPORT_PART]),
    ...asNewPart,
  },
  'text in format=flowed': {
    mail: mixed([textPart('text/plain; format=flowed', '7bit', 'a line that goes on ', 'here '), REPORT_PART]),
    ...appended,
  },
  'an empty text': { mail: mixed([textPart('text/plain', '7bit'), REPORT_PART]), ...appended },
  'a text that ends with empty lines': {
    mail: mixed([textPart('text/plain', '7bit', 'words', '', ''), REPORT_PART]),
    ...appended,
  },
  'a part without an empty line': { mail: mixed([['Content-Type: text/plain'], REPORT_PART]), ...asNewPart },
  'a part without a header': { mail: mixed([['', 'words'], REPORT_PART]), ...appended },
  'text behind the report': { mail: mixed([REPORT_PART, plain]), value: FAILURES, textIn: [1] },
  'text that is attached': {
    mail: mixed([['Content-Disposition: attachment; filename=a.txt', ...plain], REPORT_PART]),
    ...asNewPart,
  },
  'no text': { mail: mixed([REPORT_PART]), ...asNewPart },
  'no text beside two reports': {
    mail: mixed([REPORT_PART, reportPart(SOUND)]),
    ...asNewPart,
  },
  'HTML alone': { mail: mixed([html, REPORT_PART]), ...appended },
  'HTML instead of text': {
    mail: mixed([multipart([plain, html], 'multipart/alternative', 'inner'), REPORT_PART]),
    value: FAILURES,
    textIn: [0, 1],
  },
  'HTML in base64 instead of text': {
    mail: mixed([
      multipart([plain, base64Text('<p>caf\u00e9</p>', 'text/html; charset=utf-8')], 'multipart/alternative', 'inner'),
      REPORT_PART,
    ]),
    value: FAILURES,
    textIn: [0, 1],
  },
  'HTML instead of text that nothing can be put behind': {
    mail: mixed([
      multipart([plain, textPart('text/html', 'x-unknown', '<p>')], 'multipart/alternative', 'inner'),
      REPORT_PART,
    ]),
    ...asNewPart,
  },
  'multiparts in multiparts': {
    mail: mixed([
      multipart(
        [multipart([plain, html], 'multipart/alternative', 'b-1'), ['Content-Type: image/png', '', 'png']],
        'multipart/related',
        'b-2',
      ),
      REPORT_PART,
    ]),
    value: FAILURES,
    textIn: [0, 1],
  },
  'a report that is the whole mail': { mail: wholeMail(REPORT_PART), ...asNewPart },
  'a report that is the whole mail, not encoded': {
    mail: binaryMail(
      lines(...REPORT_HEADER, 'Content-Type: application/tlsrpt+gzip', 'Content-Transfer-Encoding: binary', ''),
      GZIPPED,
    ),
    ...asNewPart,
  },
  'a report that is the text': {
    mail: wholeMail(['Content-Type: text/plain', '', JSON.stringify(soundDocument())]),
    ...asLastPart,
  },
  'a report that is the text in quoted-printable': {
    mail: wholeMail(
      textPart('text/plain', 'quoted-printable', '=7B' + quoted(JSON.stringify(soundDocument()).slice(1))),
    ),
    ...asLastPart,
  },
  'a report that is signed': {
    mail: mixed(
      [multipart([plain, REPORT_PART], 'multipart/mixed', 'in'), ['Content-Type: application/pgp-signature', '', 'x']],
      'multipart/signed; protocol="application/pgp-signature"',
    ),
    ...asNewPart,
  },
  'a signed text beside the report': {
    mail: mixed([
      multipart([plain, ['Content-Type: application/pgp-signature', '', 'x']], 'multipart/signed', 'in'),
      REPORT_PART,
    ]),
    ...asNewPart,
  },
  'a signed mail with the footer of a list': {
    mail: mixed([
      multipart([REPORT_PART, ['Content-Type: application/pgp-signature', '', 'x']], 'multipart/signed', 'in'),
      plain,
    ]),
    value: FAILURES,
    textIn: [2],
  },
  'a mail that was forwarded': { mail: forwarded(reportMail()), ...appended },
  'something before and behind the parts': {
    mail: binaryMail(
      reportMail().toString('latin1').replace('\r\n\r\n--b', '\r\n\r\nbefore\r\n--bb\r\n--b'),
      'behind\r\n--b\r\n\r\nmore',
    ),
    ...appended,
  },
  'a boundary that begins like another': {
    mail: mixed([multipart([plain, html], 'multipart/alternative', 'bb'), REPORT_PART]),
    value: FAILURES,
    textIn: [0, 1],
  },
  'lines that begin like the boundary': {
    mail: mixed([textPart('text/plain', '7bit', 'words', '--bx', '--b x', '--b-', ' --b', 'more'), REPORT_PART]),
    ...appended,
  },
  'a boundary with blanks behind it': {
    mail: Buffer.from(reportMail().toString('latin1').replaceAll(/^--b/gm, '--b').replaceAll('--b\r\n', '--b \t\r\n')),
    ...appended,
  },
  'a boundary with quoted characters': {
    mail: Buffer.from(reportMail().toString('latin1').replace('"b"', '"\\b"')),
    ...asNewPart,
  },
  'a boundary that is not quoted': {
    mail: Buffer.from(reportMail().toString('latin1').replace('"b"', 'b')),
    ...appended,
  },
  'a boundary that a comment stands behind': {
    mail: Buffer.from(reportMail().toString('latin1').replace('"b"', 'b (really)')),
    ...asNewPart,
  },
  'parts that are related': { mail: mixed([plain, REPORT_PART], 'multipart/related'), ...appended },
  'parts that are related, and no text': { mail: mixed([REPORT_PART], 'multipart/related'), ...asNewPart },
  'no MIME-Version': {
    mail: Buffer.from(wholeMail(REPORT_PART).toString('latin1').replace('MIME-Version: 1.0\r\n', '')),
    ...asNewPart,
  },
};

/** What postal-mime and Python do not agree about, so that each is looked at by itself. */
export const oddMails: Readonly<Record<string, Buffer>> = {
  'one boundary within itself': mixed([multipart([plain, html], 'multipart/alternative', 'b'), REPORT_PART]),
  'two Content-Type': Buffer.from(
    reportMail()
      .toString('latin1')
      .replace(/^Content-Type: multipart.*\r\n(?:[ \t].*\r\n)*/m, '$&Content-Type: text/plain\r\n'),
  ),
  'a line in the header that is no field': binaryMail('Subject: x\r\nwords\r\n', reportMail()),
};
