import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { composeReportMail } from '#adapters/mail/compose-report-mail.ts';
import { withoutControlsButLines } from '#support/without-controls.ts';
import { documentWith, microsoftTlsa, soundDocument } from '#test/support/inbound-documents.ts';
import { forwarded, mbox, ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const well = documentWith({
  'failure-details': [],
  summary: { 'total-successful-session-count': 7, 'total-failure-session-count': 0 },
});

/** Runs `read` on the files, whose names stand for their paths in what comes out. */
async function readFiles(files: Readonly<Record<string, unknown>>, ...flags: readonly string[]): Promise<ProgramRun> {
  const directory = scratchDirectory();
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), Buffer.isBuffer(content) ? content : JSON.stringify(content));
  const paths = Object.keys(files).map((name) => join(directory, name));
  const { code, stdout, stderr } = await run(['read', ...flags, ...paths]);
  const short = (text: string): string => text.replaceAll(`${directory}/`, '');
  return { code, stdout: short(stdout), stderr: short(stderr) };
}

describe('tlsrpt read', () => {
  it('says in a line that all is well, and ends with 0', async () => {
    const two = documentWith({}, { policies: [...(well['policies'] as object[]), microsoftTlsa] });
    expect(await readFiles({ a: well, b: gzipSync(JSON.stringify(two)) }, '--fail')).toEqual({
      code: 0,
      stdout:
        'ok        2026-01-31  Reporter Inc. about a.example: sts 7\n' +
        'ok        2026-01-31  Reporter Inc. about a.example: sts 7, tlsa 2\n',
      stderr: '',
    });
  });

  it('shows what failed, where and why, within 80 columns, and ends with 1 where that is asked for', async () => {
    const { code, stdout, stderr } = await readFiles({ 'a.json': soundDocument() }, '--fail');
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toBe(`failures  2026-01-31  Reporter Inc. about a.example
          report-id 2026-01-31T00:00:00Z_a.example, contact
          tls@reporter.example
          in a.json
  sts of a.example: 5326 sessions succeeded, 303 failed
     200  validation-failure  at mx2.a.example
            from 198.51.100.62 to 203.0.113.58
            reason: X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED
            see also: https://reporter.example/why
     103  certificate-expired  at mx1.a.example
            from 2001:db8:abcd:12::1
`);
    expect((await readFiles({ a: soundDocument() })).code).toBe(0);
  });

  it('shows what is odd about a report where that is asked for', async () => {
    const { stdout } = await readFiles({ a: { ...well, 'contact-info': null } }, '--lint');
    expect(stdout).toBe(`ok        2026-01-31  Reporter Inc. about a.example: sts 7
          in a
          remark member-empty: a member is there and says nothing
            (contact-info)
`);
  });

  it('names what cannot be read with the reason, goes on, and ends with 65', async () => {
    const { code, stdout, stderr } = await readFiles({
      a: gzipSync('{"policies": [').subarray(0, 20),
      b: well,
      c: { a: 1 },
    });
    expect(code).toBe(65);
    expect(stdout).toBe('ok        2026-01-31  Reporter Inc. about a.example: sts 7\n');
    expect(stderr.replace(/^\S+Z /gm, '')).toBe(
      'warning report-unreadable: a cannot be read: it is cut short.\n' +
        'warning report-unreadable: c cannot be read: it is JSON, but no report.\n',
    );
  });

  it('passes over what is in a directory and is no report, but not what is named like one', async () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'notes.txt'), 'words');
    writeFileSync(join(directory, 'other.json'), '{}');
    writeFileSync(join(directory, 'report.json'), JSON.stringify(well));
    const { code, stdout } = await run(['read', directory]);
    expect([code, stdout]).toEqual([
      0,
      'ok        2026-01-31  Reporter Inc. about a.example: sts 7\n2 passed over that are no reports.\n',
    ]);
    writeFileSync(join(directory, 'r.example!a.example!1!2!3.json.gz'), 'words');
    expect((await run(['read', directory])).code).toBe(65);
  });

  it('takes the domain from the name of the file where a policy has none', async () => {
    const nameless = { policy: { 'policy-type': 'no-policy-found' } };
    const { stdout } = await readFiles({
      'r.example!a.example!1!2.json': documentWith({ ...nameless, 'failure-details': [], summary: {} }),
    });
    expect(stdout).toBe('ok        2026-01-31  Reporter Inc. about a.example: no-policy-found 0\n');
  });

  it('prints JSON in the shape that is promised, also of what cannot be read', async () => {
    const { code, stdout } = await readFiles({ a: soundDocument(), b: Buffer.from('words') }, '--json');
    expect(code).toBe(65);
    expect(JSON.parse(stdout)).toEqual([
      {
        source: 'a',
        organization: 'Reporter Inc.',
        contact: 'tls@reporter.example',
        reportId: '2026-01-31T00:00:00Z_a.example',
        start: '2026-01-31T00:00:00Z',
        end: '2026-02-01T00:00:00Z',
        policies: [
          {
            type: 'sts',
            domain: 'a.example',
            strings: ['version: STSv1', 'mode: testing', 'mx: *.a.example', 'max_age: 86400'],
            mxHosts: ['*.a.example'],
            successful: 5326,
            failed: 303,
            failures: [
              {
                resultType: 'certificate-expired',
                sessions: 103,
                sendingMtaIp: '2001:db8:abcd:12::1',
                receivingMxHostname: 'mx1.a.example',
                receivingMxHelo: null,
                receivingIp: null,
                reasonCode: null,
                additionalInformation: null,
              },
              {
                resultType: 'validation-failure',
                sessions: 200,
                sendingMtaIp: '198.51.100.62',
                receivingMxHostname: 'mx2.a.example',
                receivingMxHelo: 'mail.a.example',
                receivingIp: '203.0.113.58',
                reasonCode: 'X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED',
                additionalInformation: 'https://reporter.example/why',
              },
            ],
          },
        ],
        verification: {
          method: 'none',
          result: 'none',
          domain: null,
          selector: null,
          why: 'it did not come in a mail',
        },
        remarks: [],
      },
      { source: 'b', unreadable: { code: 'not-recognized', why: 'it is neither a report nor a mail' } },
    ]);
  });

  it('prints CSV with a row for each failure and each policy without any, and no formulas', async () => {
    const evil = documentWith({}, { 'organization-name': '=cmd("x"), y', 'report-id': '+1;=2' });
    const { stdout } = await readFiles({ a: evil, b: well }, '--csv');
    expect(stdout.split('\r\n')).toEqual([
      'source,organization,contact,reportId,start,end,policyType,policyDomain,successful,failed,resultType,sessions,sendingMtaIp,receivingMxHostname,receivingMxHelo,receivingIp,reasonCode,additionalInformation,verificationMethod,verificationResult,verificationDomain,verificationSelector,verificationWhy',
      `a,"'=cmd(""x""), y",tls@reporter.example,"'+1;=2",2026-01-31T00:00:00Z,2026-02-01T00:00:00Z,sts,a.example,5326,303,certificate-expired,103,2001:db8:abcd:12::1,mx1.a.example,,,,,none,none,,,it did not come in a mail`,
      `a,"'=cmd(""x""), y",tls@reporter.example,"'+1;=2",2026-01-31T00:00:00Z,2026-02-01T00:00:00Z,sts,a.example,5326,303,validation-failure,200,198.51.100.62,mx2.a.example,mail.a.example,203.0.113.58,X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED,https://reporter.example/why,none,none,,,it did not come in a mail`,
      'b,Reporter Inc.,tls@reporter.example,2026-01-31T00:00:00Z_a.example,2026-01-31T00:00:00Z,2026-02-01T00:00:00Z,sts,a.example,7,0,,,,,,,,,none,none,,,it did not come in a mail',
      '',
    ]);
  });

  it('prints nothing of strangers that a terminal would obey, and no line beyond 80 columns', async () => {
    const hostile = '\u001b[2J\u202e\u0085"evil\nok        2026-01-31  Bank: sts 7';
    const document = documentWith(
      {
        policy: { 'policy-type': hostile, 'policy-domain': hostile },
        'failure-details': [
          {
            'result-type': hostile,
            'receiving-mx-hostname': hostile,
            'failure-reason-code': hostile,
            'failed-session-count': 303,
          },
        ],
      },
      { 'organization-name': hostile, 'contact-info': hostile, 'report-id': hostile },
    );
    for (const flags of [['--lint'], ['--json'], ['--csv']]) {
      const { stdout } = await readFiles({ a: document }, ...flags);
      const lines = stdout.replaceAll('\r\n', '\n');
      expect(lines).toBe(withoutControlsButLines(lines));
      expect(stdout).not.toMatch(/^ok /m);
      if (flags[0] === '--lint')
        expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    }
  });

  it('reads mails by themselves, in an mbox and in a Maildir, and counts those that are no reports', async () => {
    const directory = scratchDirectory();
    const write = (name: string, content: Buffer): void => {
      writeFileSync(join(directory, name), content);
    };
    for (const folder of ['new', 'cur', 'tmp']) mkdirSync(join(directory, folder));
    write('new/1', reportMail());
    write('cur/2:2,S', ordinaryMail);
    const well = (name: string): Promise<ProgramRun> => run(['read', '--json', join(directory, name)]);
    const failed = ({ stdout }: ProgramRun): unknown[] =>
      (JSON.parse(stdout) as { source: string; policies?: { failed: number }[] }[]).map(({ source, policies }) => [
        source.slice(directory.length),
        policies?.[0]?.failed,
      ]);
    expect(failed(await well('.'))).toEqual([['/new/1', 303]]);
    write('box', mbox([ordinaryMail, reportMail(), forwarded(reportMail()), ordinaryMail]));
    expect(failed(await well('box'))).toEqual([
      ['/box#2', 303],
      ['/box#3', 303],
    ]);
    expect((await run(['read', join(directory, 'box')])).stdout).toMatch(/\n2 passed over that are no reports\.\n$/);
    write('box', mbox([reportMail({ content: Buffer.from('????') }), reportMail()]));
    const { code, stderr } = await run(['read', join(directory, 'box')]);
    expect([code, stderr.includes('box#1 cannot be read')]).toEqual([65, true]);
    const named = await run(['read', join(directory, 'cur/2:2,S')]);
    expect([named.code, named.stderr.includes('there is no report in it')]).toEqual([65, true]);
  });

  it('reads the mails that we send, field for field and without a remark', async () => {
    const document = JSON.stringify(soundDocument());
    const outgoing = {
      reportId: 'id@ours.example',
      policyDomain: 'a.example',
      submitterDomain: 'ours.example',
      fileName: 'ours.example!a.example!1!2!3.json.gz',
      document,
      summary: 'All is well.',
    };
    const addressing = { from: 'tls@ours.example', to: 'tls@a.example', nowMs: 0 };
    const mail = await composeReportMail(outgoing, addressing);
    const [read, ...others] = JSON.parse((await readFiles({ 'a.eml': mail }, '--json')).stdout) as Record<
      string,
      unknown
    >[];
    const [direct] = JSON.parse((await readFiles({ 'a.eml': soundDocument() }, '--json')).stdout) as object[];
    const verification = {
      method: 'dkim',
      result: 'none',
      domain: null,
      selector: null,
      why: 'the mail is not signed',
    };
    expect([read, others]).toEqual([{ ...direct, verification }, []]);
    expect(read?.['remarks']).toEqual([]);
  });

  it('explains each failure once, with commands to see it in which nothing of strangers is but names', async () => {
    const failure = {
      'result-type': 'sts-policy-fetch-error',
      'failed-session-count': 1,
      'failure-reason-code': 'bad https response code: 404',
    };
    const expired = {
      'failed-session-count': 1,
      'result-type': 'certificate-expired',
      'receiving-mx-hostname': 'mx1.a.example',
    };
    const evil = { ...expired, 'receiving-mx-hostname': '$(reboot)' };
    const document = documentWith({
      'failure-details': [failure, failure, expired, evil, { 'failed-session-count': 1, 'result-type': 'new-failure' }],
    });
    const { stdout } = await readFiles({ a: document, b: document }, '--explain');
    expect(stdout.slice(stdout.indexOf('What that means:'))).toBe(`What that means:

sts-policy-fetch-error (sts of a.example)
  The domain says that it has an MTA-STS policy, but the policy could not be
  fetched.
  Check whether the web server mta-sts.a.example can be reached from outside
  and gives /.well-known/mta-sts.txt without a redirect.
  - If the reason has an HTTP status: The web server gives no policy at that
    place, or a redirect.
  - If Microsoft reports it, which gives no reason, and few others do: The web
    server was out of reach for a while, or keeps that sender out.
  - If all senders report it: mta-sts.a.example does not resolve, or its web
    server is down.
  The web server answered the request for the policy with that code; it must
  be 200, and no redirect.
  $ dig +short TXT _mta-sts.a.example
  $ curl -i https://mta-sts.a.example/.well-known/mta-sts.txt
  $ tlsrpt check a.example

certificate-expired (sts of a.example)
  The certificate of the server was past its last day.
  Check whether it was renewed, and whether the server was reloaded after
  that.
  - If one host is named: Renewal failed there, or the server was not reloaded
    after it.
  - If it ended after a day or two: The renewal came too late; let it run
    earlier.
  $ openssl s_client -starttls smtp -connect mx1.a.example:25 -servername mx1.a.example -verify_hostname mx1.a.example -showcerts </dev/null
  $ tlsrpt check a.example

new-failure (sts of a.example)
  The sender has a name of its own for it; its reason above may say more.
  $ tlsrpt check a.example
`);
  });

  it('refuses flags that mean nothing together', async () => {
    for (const flags of [
      ['--json', '--csv'],
      ['--json', '--lint'],
      ['--csv', '--lint'],
    ])
      expect((await run(['read', ...flags, 'x'])).code).toBe(64);
  });
});
