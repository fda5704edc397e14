/**
 * Mails that come to a mail filter and have no report, or none that can be read.
 */
import { gzipSync } from 'node:zlib';
import { RECORDED_FAILURE } from './bounces.ts';
import { GZIPPED, lines, ordinaryMail, REPORT_HEADER, reportMail } from './inbound-mails.ts';
import { binaryMail, mixedOf, plain, withLf } from './mime-mails.ts';

export interface MailCase {
  readonly mail: Buffer;
  /** Of the field; undefined where there must be none. */
  readonly value?: string | undefined;
  /** Of the parts that are no multiparts, those that have the text afterwards. */
  readonly textIn?: readonly number[];
  /** Which part is new. */
  readonly newPart?: number;
  readonly expectsReport?: boolean;
}

const spoofed = (field: string, mail = ordinaryMail): Buffer => binaryMail('Subject: x\r\n', field, mail);
const damaged = Buffer.from(GZIPPED.map((byte, index) => (index === 40 ? byte ^ 255 : byte)));
const reasonOf = (why: string): string => `cannot be read: ${why}`;
const NO_REPORT = reasonOf('there is no report in it');

/** Nothing of them is changed but a field that they should not have. */
export const passingMails: Readonly<Record<string, MailCase>> = {
  'an ordinary mail': { mail: ordinaryMail },
  'the bounce of a report of ours': { mail: binaryMail(RECORDED_FAILURE) },
  'nothing at all': { mail: Buffer.alloc(0) },
  'binary junk': { mail: Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 89 + (index >> 5)) % 256)) },
  'a header without an empty line': { mail: lines('From: a@b.example', 'Subject: x') },
  'a header and nothing else': { mail: lines('From: a@b.example', 'Subject: x', '') },
  'a body without a header': { mail: lines('', 'words') },
  'words that are no mail': { mail: Buffer.from('words\nand more') },
  'one line without an end': { mail: Buffer.from('Subject: x') },
  'Latin-1 as it is': { mail: binaryMail('Subject: caf\xe9\n\ncaf\xe9 \x80\xff') },
  'a line From before the header': { mail: binaryMail('From a@b.example Sat Jan 31 00:00:00 2026\n', ordinaryMail) },
  'lines with LF, with CRLF and with CR': { mail: Buffer.from('A: b\nC: d\r\n\ne\r\nf\rg\n') },
  'no end of the last line': { mail: Buffer.from('Subject: x\n\nwords') },
  'JSON that is no report': { mail: mixedOf([plain, ['Content-Type: application/json', '', '{"policies": 1}']]) },
  'a mail that is signed': { mail: mixedOf([plain, ['Content-Type: application/pgp-signature', '', 'x']], 'signed') },
  'a mail that is encrypted': {
    mail: mixedOf([['Content-Type: application/pgp-encrypted', '', 'Version: 1'], plain], 'encrypted'),
  },
  'a field that came with it': { mail: spoofed('TLS-Report-Has-Failures: 0\r\n') },
  'such a field in other letters and folded': { mail: spoofed('tls-report-HAS-failures:\r\n\t\r\n 12\r\n') },
  'such a field with a blank before the colon': { mail: spoofed('TLS-Report-Has-Failures \t: 1\r\n') },
  'such fields one behind the other': { mail: spoofed('TLS-Report-Has-Failures: 1\r\n'.repeat(3)) },
  'such fields with LF between others': {
    mail: withLf(spoofed('TLS-Report-Has-Failures: 1\r\n', spoofed('TLS-Report-Has-Failures: 2\r\n'))),
  },
  'such a field behind a line that is none': { mail: spoofed('words\r\nTLS-Report-Has-Failures: 1\r\n') },
  'such a field behind CR alone': { mail: spoofed('X: y\rTLS-Report-Has-Failures: 1\r\n') },
  'such a field as the first': { mail: binaryMail('TLS-Report-Has-Failures: 1\n', withLf(ordinaryMail)) },
  'such a field behind a line From': {
    mail: binaryMail('From a@b.example Sat\nTLS-Report-Has-Failures: 1\n', withLf(ordinaryMail)),
  },
};

export const markedMails: Readonly<Record<string, MailCase>> = {
  'broken JSON': { mail: reportMail({ content: gzipSync('{"policies": x}') }), value: reasonOf('it is no JSON') },
  'broken gzip': { mail: reportMail({ content: damaged }), value: reasonOf('the compressed data are damaged') },
  'gzip that is cut short': {
    mail: reportMail({ content: GZIPPED.subarray(0, 60) }),
    value: reasonOf('it is cut short'),
  },
  'gzip that unpacks to far too much': {
    mail: reportMail({ content: gzipSync(Buffer.alloc(20_000_000)) }),
    value: reasonOf('it is larger than any report'),
  },
  'a header of a report, and no report': { mail: lines(...REPORT_HEADER, '', 'words'), value: NO_REPORT },
  'no report where one is expected': { mail: ordinaryMail, value: NO_REPORT, expectsReport: true },
  'nothing where a report is expected': { mail: Buffer.alloc(0), value: NO_REPORT, expectsReport: true },
  'no header where a report is expected': {
    mail: Buffer.from('words\nand more'),
    value: NO_REPORT,
    expectsReport: true,
  },
  'an empty header where a report is expected': { mail: lines('', 'words'), value: NO_REPORT, expectsReport: true },
  'a first line that begins with a blank': {
    mail: Buffer.from(' words\nSubject: x\n\nmore'),
    value: NO_REPORT,
    expectsReport: true,
  },
  'a line From alone where a report is expected': {
    mail: Buffer.from('From a@b.example Sat'),
    value: NO_REPORT,
    expectsReport: true,
  },
  'no report behind a line From where one is expected': {
    mail: binaryMail('From a@b.example Sat\n', withLf(ordinaryMail)),
    value: NO_REPORT,
    expectsReport: true,
  },
};
