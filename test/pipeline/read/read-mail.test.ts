import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { MailOpener } from '#pipeline/read/mail-opener.ts';
import { readMail } from '#pipeline/read/read-mail.ts';
import type { MailReading } from '#pipeline/read/read-mail.ts';
import { documentWith, soundDocument } from '#test/support/inbound-documents.ts';
import { forwarded, GZIPPED, lines, ordinaryMail, REPORT_HEADER, reportMail } from '#test/support/inbound-mails.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';

const JSON_BYTES = Buffer.from(JSON.stringify(soundDocument(), null, 1).replaceAll('\n', '\r\n'));
const SUBJECT = 'Report Domain: a.example Submitter: reporter.example Report-ID: <1@reporter.example>';
const MIXED = 'Content-Type: multipart/mixed; boundary="b"';
const OF_JSON = ['Content-Type: application/tlsrpt+json'];
const plain = (header: readonly string[], content: Buffer, ...of: readonly string[]): Buffer =>
  Buffer.concat([lines(...header, ...of, ''), content]);

const MANY_PARTS = Buffer.from('--b\r\n\r\nx\r\n'.repeat(100_000));

/** One mail with each of these as a part: its header, a blank line and its content. */
function withTexts(type: string, ...parts: readonly string[]): Buffer {
  const header = [...REPORT_HEADER, `Content-Type: ${type}; boundary="b"`, ''];
  return lines(...header, ...parts.flatMap((part) => ['--b', part]), '--b--');
}

const inBase64 = (type: string, content: Buffer): string =>
  `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${content.toString('base64')}`;
const TEXT = 'Content-Type: text/plain\r\n\r\n';
const JSON_TEXT = JSON_BYTES.toString();
const FLOWED = JSON_TEXT.replace('Reporter Inc.', 'Reporter \r\nInc.').replaceAll(/^ /gm, '  ');

/** One mail with each of these attached. */
function withParts(contents: readonly Buffer[]): Buffer {
  const parts = contents.flatMap((content) => [
    '--b',
    'Content-Type: application/tlsrpt+gzip',
    'Content-Transfer-Encoding: base64',
    '',
    content.toString('base64'),
  ]);
  return lines(...REPORT_HEADER, MIXED, '', ...parts, '--b--');
}

/** A mail to which so many reports are attached as mails. */
function withMails(count: number): Buffer {
  const mail = ['--a', 'Content-Type: message/rfc822', '', reportMail().toString('latin1')];
  return lines('Subject: all', MIXED.replace('"b"', '"a"'), '', ...Array<string[]>(count).fill(mail).flat(), '--a--');
}

/** The failed sessions of each report, and the codes of its remarks; else the code or kind. */
async function read(mail: Buffer): Promise<unknown[]> {
  return summaryOf(await readMail(mail, openerHere, unaskedSender));
}

function summaryOf(reading: MailReading): unknown[] {
  if (reading.kind !== 'reports') return [reading.kind === 'unreadable' ? reading.code : reading.kind];
  const reports = reading.reports.map(({ report: { policies, remarks } }) =>
    [policies.map(({ failed }) => failed).join(), ...remarks.map(({ code }) => code)].join(' '),
  );
  return [...reports, ...reading.unreadable];
}

describe('reading a mail', () => {
  it.each<[string, Buffer, string]>([
    ['as RFC 8460 wants it', reportMail(), '303'],
    ['with LF alone', Buffer.from(reportMail().toString('latin1').replaceAll('\r\n', '\n'), 'latin1'), '303'],
    ['uncompressed', reportMail({ partHeader: OF_JSON, content: JSON_BYTES, encoding: '8bit' }), '303'],
    [
      'in quoted-printable',
      reportMail({ partHeader: OF_JSON, content: JSON_BYTES, encoding: 'quoted-printable' }),
      '303',
    ],
    [
      'labelled as nothing in particular',
      reportMail({ partHeader: ['Content-Type: application/octet-stream'] }),
      '303 media-type',
    ],
    ['labelled as gzip that it is not', reportMail({ content: JSON_BYTES }), '303 media-type'],
    [
      'with a type that there is not',
      reportMail({ partHeader: ['Content-Type: application/tlsrpt'] }),
      '303 media-type',
    ],
    [
      'in a mail that says nothing of it',
      reportMail({ header: ['Subject: x'], contentType: 'multipart/mixed' }),
      '303',
    ],
    ['as the whole mail', plain(REPORT_HEADER, JSON_BYTES, ...OF_JSON), '303'],
    ['as the text of the mail', plain(REPORT_HEADER, JSON_BYTES), '303 media-type'],
    ['that is forwarded', forwarded(reportMail()), '303'],
    ['that is forwarded twice', forwarded(forwarded(reportMail())), '303'],
    ['whose end is missing', reportMail().subarray(0, -9), '303'],
    ['as a text behind a text', withTexts('multipart/mixed', `${TEXT}See below.`, TEXT + JSON_TEXT), '303 media-type'],
    [
      'in a text behind words',
      plain(REPORT_HEADER, Buffer.from(`[External] Hi,\r\n\r\n${JSON_TEXT}`)),
      '303 media-type',
    ],
    ['in a list', plain(REPORT_HEADER, Buffer.from(`[${JSON_TEXT}]`)), '303 media-type'],
    [
      'in a flowed text',
      withTexts('multipart/mixed', `Content-Type: text/plain; format=flowed\r\n\r\n${FLOWED}`),
      '303 media-type',
    ],
    ['labelled as x-gunzip', withTexts('multipart/mixed', inBase64('application/x-gunzip', GZIPPED)), '303 media-type'],
    ['labelled as a picture', withTexts('multipart/mixed', inBase64('image/png', GZIPPED)), '303 media-type'],
    ['that is forwarded six times', Array.from({ length: 6 }).reduce(forwarded, reportMail()), '303'],
    [
      'that is there in two forms',
      withTexts('multipart/alternative', inBase64('application/tlsrpt+gzip', GZIPPED), TEXT + JSON_TEXT),
      '303',
    ],
    ['behind blank lines', Buffer.concat([lines('', ''), reportMail()]), '303'],
    ['behind a byte order mark', Buffer.concat([Buffer.from('\ufeff'), reportMail()]), '303'],
    ['beside 100,000 parts', Buffer.concat([reportMail().subarray(0, -7), MANY_PARTS]), '303,too-complex'],
  ])('finds a report %s', async (_what, mail, summary) => {
    expect((await read(mail)).join()).toBe(summary);
  });

  it('finds several reports in one mail', async () => {
    expect(await read(Buffer.concat([forwarded(reportMail()).subarray(0, -8), reportMail()]))).toHaveLength(1);
    expect(await read(reportMail({ content: Buffer.concat([GZIPPED, GZIPPED]) }))).toEqual([
      '303 gzip-members several-reports',
      '303 gzip-members several-reports',
    ]);
  });

  it('counts both forms of a multipart/alternative where they say something else', async () => {
    const other = TEXT + JSON_TEXT.replace('303', '302');
    const mail = withTexts('multipart/alternative', inBase64('application/tlsrpt+gzip', GZIPPED), other);
    expect(await read(mail)).toEqual(['303', '302 media-type']);
  });

  it('tells of a report that cannot be read beside one that can', async () => {
    expect(await read(withParts([GZIPPED, GZIPPED.subarray(0, 150)]))).toEqual(['303', 'truncated']);
  });

  it('finds each of many reports and of many forwarded mails', async () => {
    expect(await read(withParts(Array<Buffer>(200).fill(GZIPPED)))).toEqual(Array<string>(200).fill('303'));
    expect(await read(withMails(40))).toEqual(Array<string>(40).fill('303'));
  });

  it('tells of more mails than are taken apart', async () => {
    const readings = await read(withMails(1_200));
    expect(readings.slice(-2)).toEqual(['303', 'too-complex']);
  });

  it('bounds what all parts cost together', async () => {
    const bomb = gzipSync(`${JSON.stringify(soundDocument())}${' '.repeat(9_000_000)}`);
    expect(await read(withParts([bomb, bomb, GZIPPED]))).toEqual(['303', 'too-large']);
    const entries = Array<object>(60_000).fill({});
    const complex = gzipSync(JSON.stringify({ policies: entries }));
    expect((await read(withParts([complex, complex, complex]))).slice(-1)).toEqual(['too-complex']);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['its header', ['TLS-Report-Domain: A.example'], ['Content-Type: application/tlsrpt+gzip']],
    [
      'its Subject',
      ['Subject: Report Domain: a.example', ' Submitter: r.example Report-ID: <1>'],
      ['Content-Type: application/tlsrpt+gzip'],
    ],
    [
      'the name of the file in pieces',
      ['Subject: x'],
      [
        'Content-Type: application/tlsrpt+gzip',
        "Content-Disposition: attachment; filename*0*=us-ascii''r.example%21a.ex;",
        ' filename*1*=ample%211%212%211.json.gz',
      ],
    ],
  ])('takes the domain from %s where a policy has none', async (_what, header, partHeader) => {
    const document = documentWith({ policy: { 'policy-type': 'no-policy-found' } });
    const mail = reportMail({ header, partHeader, content: gzipSync(JSON.stringify(document)) });
    const reading = await readMail(mail, openerHere, unaskedSender);
    expect(reading.kind === 'reports' && reading.reports[0]?.report.policies[0]?.domain).toBe('a.example');
  });

  it.each<[string, Buffer, string]>([
    ['an ordinary mail', ordinaryMail, 'no-report'],
    [
      'a mail with JSON that is no report',
      reportMail({
        header: ['Subject: x'],
        contentType: 'multipart/mixed',
        partHeader: ['Content-Type: application/json'],
        content: Buffer.from('{"a":1}'),
      }),
      'no-report',
    ],
    ['a report that is cut short', reportMail({ content: GZIPPED.subarray(0, 150) }), 'truncated'],
    ['a report with broken base64', reportMail({ encoding: '8bit', content: Buffer.from('????') }), 'not-recognized'],
    ['a report without an attachment', plain(REPORT_HEADER, Buffer.from('words')), 'no-report'],
    ['a report that is a bomb', reportMail({ content: gzipSync(Buffer.alloc(20_000_000, ' ')) }), 'too-large'],
    ['a report of 100,000 parts', Buffer.concat([lines(...REPORT_HEADER, MIXED, ''), MANY_PARTS]), 'too-complex'],
    ['a report in the text that is cut short', plain(REPORT_HEADER, JSON_BYTES.subarray(0, 300)), 'truncated'],
  ])('tells of %s why there is none', async (_what, mail, code) => {
    const reading = await readMail(mail, openerHere, unaskedSender);
    expect(reading.kind === 'reports' ? 'reports' : reading.kind === 'unreadable' ? reading.code : reading.kind).toBe(
      code,
    );
  });

  it.each<[string, readonly string[], MailReading]>([
    ['"Re:"', [`Subject: Re: ${SUBJECT}`], { kind: 'no-report' }],
    ['"Re:" behind the name of a list', [`Subject: [tls] RE[2]: ${SUBJECT}`], { kind: 'no-report' }],
    ['"Antw.:"', [`Subject: Antw.: ${SUBJECT}`], { kind: 'no-report' }],
    ['In-Reply-To', [`Subject: ${SUBJECT}`, 'In-Reply-To: <1@reporter.example>'], { kind: 'no-report' }],
    ['nothing', [`Subject: ${SUBJECT}`], { kind: 'unreadable', code: 'no-report' }],
    ['"Fwd:"', [`Subject: Fwd: ${SUBJECT}`], { kind: 'unreadable', code: 'no-report' }],
  ])('takes a Subject with %s before it for what it is', async (_what, header, expected) => {
    expect(await readMail(plain(header, Buffer.from('What is this?')), openerHere, unaskedSender)).toEqual(expected);
  });

  it('tells of an answer with something that should be a report', async () => {
    const header = [`Subject: Re: ${SUBJECT}`, 'In-Reply-To: <1@reporter.example>'];
    const mail = reportMail({ header, content: GZIPPED.subarray(0, 150), contentType: 'multipart/mixed' });
    expect(await readMail(mail, openerHere, unaskedSender)).toEqual({ kind: 'unreadable', code: 'truncated' });
    expect((await readMail(reportMail({ header }), openerHere, unaskedSender)).kind).toBe('reports');
  });

  it('passes over what cannot be taken apart and does not say that it is a report', async () => {
    const failing: MailOpener = {
      ...openerHere,
      open: () => Promise.resolve({ kind: 'unreadable', code: 'bad-mail' }),
    };
    const mail = reportMail({ header: ['Subject: x'], contentType: 'multipart/mixed' });
    expect(await readMail(mail, failing, unaskedSender)).toEqual({ kind: 'no-report' });
    expect(await readMail(reportMail(), failing, unaskedSender)).toEqual({
      kind: 'unreadable',
      code: 'bad-mail',
    });
  });
});
