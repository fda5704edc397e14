import { describe, expect, it } from 'vitest';
import { composeReportMail } from '#adapters/mail/compose-report-mail.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 4, 5, 6);
const REPORT: OutgoingReport = {
  reportId: '2026-11-19.001@sender.example',
  policyDomain: 'good.example',
  submitterDomain: 'sender.example',
  fileName: 'sender.example!good.example!1795046400!1795132799!001.json.gz',
  document: '{"report-id":"2026-11-19.001@sender.example","organization-name":"Bücher"}',
  summary: 'This is an SMTP TLS report.\n\nSessions: 3\n',
};
/** 250 octets: three labels of 63 and one of 58. */
const LONG_DOMAIN = [63, 63, 63, 58].map((length) => 'a'.repeat(length)).join('.');

async function compose(changes: Partial<OutgoingReport> = {}, to = 'tls@good.example'): Promise<string> {
  const mail = await composeReportMail({ ...REPORT, ...changes }, { from: 'tlsrpt@sender.example', to, nowMs: NOW_MS });
  return mail.toString('latin1');
}

function linesOf(raw: string): string[] {
  return raw.split('\r\n');
}

function headerOf(raw: string): string {
  return raw.slice(0, raw.indexOf('\r\n\r\n'));
}

describe('the mail of a report', () => {
  it('has the header fields of RFC 8460 and of a decent automatic mail', async () => {
    const { headers } = await readReportMail(await compose());
    expect(Object.fromEntries(headers)).toEqual({
      from: 'tlsrpt@sender.example',
      to: 'tls@good.example',
      subject: 'Report Domain: good.example Submitter: sender.example Report-ID: <2026-11-19.001@sender.example>',
      date: 'Fri, 20 Nov 2026 04:05:06 +0000',
      'message-id': expect.stringMatching(/^<2026-11-19\.001\.[0-9a-f]{12}@sender\.example>$/) as string,
      'mime-version': '1.0',
      'tls-report-domain': 'good.example',
      'tls-report-submitter': 'sender.example',
      'tls-required': 'No',
      'auto-submitted': 'auto-generated',
      'content-type': expect.stringMatching(
        /^multipart\/report; report-type="tlsrpt"; boundary="tlsrpt-[0-9a-f]{32}"$/,
      ) as string,
    });
  });

  it('spells the names of its header fields as the RFCs do', async () => {
    const names = headerOf(await compose())
      .split('\r\n')
      .filter((line) => !line.startsWith(' '))
      .map((line) => line.split(':', 1)[0]);
    expect(names).toEqual([
      'From',
      'To',
      'Subject',
      'Date',
      'Message-ID',
      'MIME-Version',
      'TLS-Report-Domain',
      'TLS-Report-Submitter',
      'TLS-Required',
      'Auto-Submitted',
      'Content-Type',
    ]);
  });

  it('shows the name of its sender, folded before the address', async () => {
    const addressing = { from: 'tlsrpt@sender.example', to: 'tls@good.example', nowMs: NOW_MS };
    const mail = await composeReportMail(REPORT, { ...addressing, fromName: 'Example, Ltd.' });
    expect(linesOf(mail.toString('latin1')).slice(0, 3)).toEqual([
      'From: "Example, Ltd."',
      ' <tlsrpt@sender.example>',
      'To: tls@good.example',
    ]);
  });

  it('carries the summary for people and the document for programs', async () => {
    const read = await readReportMail(await compose());
    expect(read.text.trimEnd()).toBe(REPORT.summary.trimEnd());
    expect(read.mediaType).toBe('application/tlsrpt+gzip');
    expect(read.fileName).toBe(REPORT.fileName);
    expect(read.document).toEqual(JSON.parse(REPORT.document));
  });

  it('has CRLF at the end of each line and nowhere else', async () => {
    const raw = await compose();
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(raw.endsWith('--\r\n')).toBe(true);
  });

  it('is the same for the same input', async () => {
    expect(await compose()).toBe(await compose());
  });

  it('has one Message-ID for each destination', async () => {
    const idOf = (raw: string): string | undefined => /^Message-ID: (.*)$/m.exec(raw)?.[1];
    const [first, again, elsewhere] = [await compose(), await compose(), await compose({}, 'other@good.example')];
    expect(idOf(first)).toBe(idOf(again));
    expect(idOf(first)).not.toBe(idOf(elsewhere));
  });

  it('makes a proper Message-ID of a report-id with characters that have no place there', async () => {
    expect(await compose({ reportId: '2026-11-19T00:00:00Z_<x>@sender.example' })).toMatch(
      /^Message-ID: <2026-11-19T00-00-00Z_-x-\.[0-9a-f]{12}@sender\.example>\r$/m,
    );
  });

  it('takes a report-id without a right part', async () => {
    expect(await compose({ reportId: 'only-left' })).toMatch(
      /^Message-ID: <only-left\.[0-9a-f]{12}@sender\.example>\r$/m,
    );
  });

  it('writes a quoted mailbox as it is', async () => {
    expect(linesOf(await compose({}, '"tls, reports"@good.example'))).toContain('To: "tls, reports"@good.example');
  });
});

describe('the mail of a report about a domain of 250 octets', () => {
  const fileName = `${LONG_DOMAIN}!${LONG_DOMAIN}!1795046400!1795132799!001.json.gz`;
  const reportId = `${'i'.repeat(300)}@${LONG_DOMAIN}`;
  const long = { policyDomain: LONG_DOMAIN, submitterDomain: LONG_DOMAIN, reportId, fileName };

  it('has a Subject folded between the tokens and not encoded', async () => {
    expect(headerOf(await compose(long))).toContain(
      [`Subject: Report Domain: ${LONG_DOMAIN}`, ` Submitter: ${LONG_DOMAIN}`, ` Report-ID: <${reportId}>`, ''].join(
        '\r\n',
      ),
    );
  });

  it('has the file name as one quoted string on one line', async () => {
    const lines = linesOf(await compose(long));
    expect(lines).toContain(`Content-Disposition: attachment; filename="${fileName}"`);
    expect(lines).toContain(` name="${fileName}"`);
  });

  it('has no line longer than 998 octets', async () => {
    expect(Math.max(...linesOf(await compose(long)).map(({ length }) => length))).toBeLessThanOrEqual(998);
  });

  it('reads back whole', async () => {
    const { headers, fileName: readName } = await readReportMail(await compose(long));
    expect(headers.get('subject')).toBe(
      `Report Domain: ${LONG_DOMAIN} Submitter: ${LONG_DOMAIN} Report-ID: <${reportId}>`,
    );
    expect(headers.get('tls-report-domain')).toBe(LONG_DOMAIN);
    expect(readName).toBe(fileName);
  });
});

describe('values that have no place in a header', () => {
  const bad: readonly [what: string, changes: Partial<OutgoingReport>, to?: string][] = [
    ['a line feed in the report-id', { reportId: 'x\nBcc: a@b.example' }],
    ['a carriage return in the policy domain', { policyDomain: 'good.example\r' }],
    ['CR and LF in the submitter', { submitterDomain: 'a\r\nBcc: x' }],
    ['CR and LF in the recipient', {}, 'a@b.example\r\nBcc: x@y.example'],
    ['a letter outside ASCII', { policyDomain: 'bücher.example' }],
    ['a quote in the file name', { fileName: 'a".json.gz' }],
    ['a backslash in the file name', { fileName: 'a\\.json.gz' }],
    ['a line of more than 998 octets', { reportId: 'x'.repeat(1_000) }],
  ];

  it.each(bad)('such as %s make no mail', async (_what, changes, to) => {
    await expect(compose(changes, to)).rejects.toThrow();
  });
});
