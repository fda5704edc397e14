import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEd25519Key, makeRsaKey } from '#test/support/dkim.ts';
import { startDnsServer } from '#test/support/dns-server.ts';
import type { DnsServer } from '#test/support/dns-server.ts';
import { soundDocument } from '#test/support/inbound-documents.ts';
import { forwarded, lines, reportMail } from '#test/support/inbound-mails.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { Sending, START_MS } from '#test/support/sending.ts';
import { dkimKeyOf, signed, SIGNED_MS, signedOddly } from '#test/support/signed-mails.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';

const rsa = makeRsaKey();
const ed25519 = makeEd25519Key();
const [r1, e1] = [dkimKeyOf('r1', rsa), dkimKeyOf('e1', ed25519)];
const key = (selector: string): string => `${selector}._domainkey.reporter.example`;
/** A character-string has 255 octets at most. */
const inStrings = (record: string): string[] => record.match(/.{1,200}/g) ?? [];
const zone = {
  [key('r1')]: [inStrings(rsa.record)],
  [key('e1')]: [ed25519.record],
  [key('revoked')]: ['v=DKIM1; k=rsa; p='],
  [key('other')]: [inStrings(`s=other; ${rsa.record.slice('v=DKIM1; '.length)}`)],
  [key('email')]: [inStrings(`${rsa.record}; s=email`)],
  [key('tlsrpt')]: [inStrings(`${rsa.record}; s=x:tlsrpt`)],
  [key('sha1')]: [inStrings(`${rsa.record}; h=sha1`)],
  [key('strange')]: ['words', 'v=DKIM1; p=%%%'],
  [key('failing')]: 'server-failure' as const,
  'r1._domainkey.example': [inStrings(rsa.record)],
  'r1._domainkey.sender.example': [inStrings(rsa.record)],
  'e1._domainkey.sender.example': [ed25519.record],
  'r1._domainkey.other.example': [inStrings(rsa.record)],
  'r1._domainkey.mail.reporter.example': [inStrings(rsa.record)],
};
let names: DnsServer;

beforeAll(async () => {
  names = await startDnsServer(zone);
});

afterAll(() => names.close());

async function read(mail: Buffer, ...flags: readonly string[]): Promise<ProgramRun> {
  const file = join(scratchDirectory(), 'a.eml');
  writeFileSync(file, mail);
  const ran = await run(['read', '--dns-server', names.server, ...flags, file], { nowMs: SIGNED_MS + 60_000 });
  return { ...ran, stdout: ran.stdout.replaceAll(file, 'a.eml') };
}

interface Shown {
  readonly method: string;
  readonly result: string;
  readonly domain: string | null;
  readonly selector: string | null;
  readonly why: string;
}

async function verificationOf(mail: Buffer, ...flags: readonly string[]): Promise<Shown | undefined> {
  const [report] = JSON.parse((await read(mail, '--json', ...flags)).stdout) as { verification: Shown }[];
  return report?.verification;
}

const edited = (mail: Buffer, from: string, to: string): Buffer => {
  const text = mail.toString('latin1');
  if (!text.includes(from)) throw new Error(`there is no ${from}`);
  return Buffer.from(text.replace(from, to), 'latin1');
};
const fromOf = (mailbox: string, submitter = 'reporter.example'): readonly string[] => [
  `From: ${mailbox}`,
  'TLS-Report-Domain: a.example',
  `TLS-Report-Submitter: ${submitter}`,
];
const ofHeader = (header: readonly string[]): Buffer => reportMail({ header });
const behind = (mail: Buffer): Buffer => Buffer.concat([mail, lines('more')]);

describe('who sent a report, by the signature of its mail', () => {
  it.each<[string, () => Promise<Buffer>, string]>([
    ['RSA', () => signed([r1]), 'r1'],
    ['Ed25519', () => signed([e1]), 'e1'],
    ['one of several that is right', () => signed([dkimKeyOf('revoked', rsa), e1]), 'e1'],
    ['a key for email alone', () => signed([dkimKeyOf('email', rsa)]), 'email'],
    ['a key for tlsrpt', () => signed([dkimKeyOf('tlsrpt', rsa)]), 'tlsrpt'],
    ['From below the domain', () => signed([r1], { mail: ofHeader(fromOf('t@x.reporter.example')) }), 'r1'],
    [
      'an organization as submitter',
      () => signed([r1], { mail: ofHeader(fromOf('t@reporter.example', 'Us Ltd')) }),
      'r1',
    ],
    [
      'LF alone',
      async () => Buffer.from((await signed([r1])).toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
      'r1',
    ],
    ['a mail that is forwarded', async () => forwarded(await signed([r1])), 'r1'],
    ['the simple form', () => Promise.resolve(signedOddly(reportMail(), r1, {})), 'r1'],
    [
      'ARC of somebody else',
      async () =>
        Buffer.concat([lines('ARC-Seal: i=1; a=rsa-sha256; cv=none; d=x.example; s=x; b=x'), await signed([r1])]),
      'r1',
    ],
  ])('is shown by %s', async (_what, mail, selector) => {
    const why = 'the signature of reporter.example is right';
    const verification = { method: 'dkim', result: 'pass', domain: 'reporter.example', selector, why };
    expect(await verificationOf(await mail())).toEqual(verification);
  });

  const half = { tags: 'l=40;', bodyBytes: 40 };
  it.each<[string, () => Promise<Buffer> | Buffer, string]>([
    ['an altered body', async () => edited(await signed([r1]), 'This is a', 'That is a'), 'does not fit the body'],
    [
      'an altered header',
      async () => edited(await signed([r1]), 'Subject: Report', 'Subject: Repost'),
      'does not fit the header',
    ],
    ['something behind it', async () => behind(await signed([r1])), 'does not fit the body'],
    ['another domain', () => signed([r1], { domain: 'other.example' }), 'not of the domain of From'],
    ['a domain below From', () => signed([r1], { domain: 'mail.reporter.example' }), 'not of the domain of From'],
    ['a top-level domain', () => signed([r1], { domain: 'example' }), 'not of the domain of From'],
    [
      'another submitter',
      () => signed([r1], { mail: ofHeader(fromOf('t@reporter.example', 'google.com')) }),
      'and of the submitter',
    ],
    [
      'two submitters',
      async () => Buffer.concat([lines('TLS-Report-Submitter: x.example'), await signed([r1])]),
      'several submitters',
    ],
    ['a missing key', () => signed([dkimKeyOf('gone', rsa)]), 'there is no such key'],
    ['a revoked key', () => signed([dkimKeyOf('revoked', rsa)]), 'has been revoked'],
    ['a key for something else', () => signed([dkimKeyOf('other', rsa)]), 'not one for mail'],
    ['a key for SHA-1', () => signed([dkimKeyOf('sha1', rsa)]), 'not one for SHA-256'],
    ['a key that is none', () => signed([dkimKeyOf('strange', rsa)]), 'the key in DNS is unusable'],
    ['a key of another kind', () => signed([dkimKeyOf('e1', rsa)]), 'unusable'],
    ['From that is not signed', () => signedOddly(reportMail(), r1, { fields: ['Subject'] }), 'From is not signed'],
    ['two From', async () => Buffer.concat([lines('From: tls@reporter.example'), await signed([r1])]), 'one mailbox'],
    [
      'two mailboxes in From',
      () => signed([r1], { mail: ofHeader(fromOf('t@reporter.example, t@x.example')) }),
      'one mailbox',
    ],
    ['a part of the body', () => signedOddly(reportMail(), r1, half), 'only a part of the body'],
    ['a part with more behind it', () => behind(signedOddly(reportMail(), r1, half)), 'only a part of the body'],
    ['more than the body', () => signedOddly(reportMail(), r1, { tags: 'l=999999;' }), 'only a part of the body'],
    ['SHA-1', () => signedOddly(reportMail(), r1, { algorithm: 'rsa-sha1' }), 'nobody relies on'],
    ['a tag twice', async () => edited(await signed([r1]), 'v=1;', 'v=1; v=1;'), 'not of the domain of From'],
  ])('is not shown by a signature with %s', async (_what, mail, why) => {
    const verification = await verificationOf(await mail());
    expect(verification).toMatchObject({ method: 'dkim', result: 'fail' });
    expect(verification?.why).toContain(why);
  });

  it('cannot be found out where the name server fails, and that ends nothing', async () => {
    const verification = await verificationOf(await signed([dkimKeyOf('failing', rsa)]));
    expect(verification).toMatchObject({ method: 'dkim', result: 'temperror', selector: 'failing' });
    expect(verification?.why).toContain('SERVFAIL');
  });

  it('is told apart where a signature was right and has expired', async () => {
    const tags = (seconds: number): string => `x=${String(SIGNED_MS / 1_000 + seconds)};`;
    const until = (seconds: number): Buffer => signedOddly(reportMail(), r1, { tags: tags(seconds) });
    expect((await verificationOf(until(61)))?.result).toBe('pass');
    expect(await verificationOf(until(59))).toMatchObject({
      result: 'neutral',
      why: expect.stringContaining('expired') as string,
    });
    expect((await verificationOf(behind(until(59))))?.result).toBe('fail');
  });

  it('looks a key up once in a run, and at five signatures of a mail at most', async () => {
    const directory = scratchDirectory();
    const wrong = Array.from({ length: 40 }, (_, number) => dkimKeyOf(`n${String(number)}`, ed25519));
    for (const name of ['a', 'b']) writeFileSync(join(directory, name), await signed([...wrong, e1]));
    const before = names.questions.length;
    const { stdout } = await run(['read', '--json', '--dns-server', names.server, directory]);
    expect(names.questions.slice(before)).toEqual(['n0', 'n1', 'n2', 'n3', 'n4'].map(key));
    expect((JSON.parse(stdout) as { verification: Shown }[]).map(({ verification }) => verification.result)).toEqual([
      'fail',
      'fail',
    ]);
  });

  it('is said in the text where it is wrong, and otherwise where remarks are wanted', async () => {
    const flawed = edited(await signed([r1]), 'This is a', 'That is a');
    expect((await read(flawed)).stdout).toContain(
      '\n          sender not verified: the signature does not fit the body\n',
    );
    expect((await read(await signed([r1]))).stdout).not.toContain('sender');
    expect((await read(await signed([r1]), '--lint')).stdout).toContain(
      '\n          sender verified: the signature of reporter.example is right\n',
    );
    expect((await read(reportMail(), '--lint')).stdout).toContain('sender not verified: the mail is not signed\n');
    expect((await read(reportMail())).stdout).not.toContain('sender');
  });

  it('is required where that is asked for: what is not verified is refused with its reason, and 65', async () => {
    expect((await read(await signed([e1]), '--require-dkim')).code).toBe(0);
    for (const [mail, why] of [
      [reportMail(), 'the mail is not signed'],
      [Buffer.from(JSON.stringify(soundDocument())), 'it did not come in a mail'],
      [behind(await signed([r1])), 'the signature does not fit the body'],
    ] as const) {
      const { code, stdout } = await read(mail, '--require-dkim', '--json');
      const unreadable = { code: 'sender-unverified', why: `it is not shown who sent it: ${why}` };
      expect([code, JSON.parse(stdout)]).toEqual([65, [{ source: 'a.eml', unreadable }]]);
    }
  });
});

describe('what send sends, through a mail server', () => {
  it('is read back without a remark, shown to be from whom it says, by RSA and by Ed25519', async () => {
    for (const [selector, { pem }] of [
      ['r1', rsa],
      ['e1', ed25519],
    ] as const) {
      const sending = await Sending.with({ destinations: ['mailto:tls@good.example'] });
      const sink = await startSmtpSink();
      const keyFile = join(scratchDirectory(), 'key');
      writeFileSync(keyFile, pem, { mode: 0o600 });
      const to = ['--smtp', `smtp://127.0.0.1:${String(sink.port)}`, '--contact', 'tlsrpt@sender.example'];
      const from = ['--from', 'tlsrpt@sender.example', '--dkim-key', `${selector}=${keyFile}`];
      const sent = await run(['send', ...to, ...from], { stateDir: sending.store.path, nowMs: START_MS });
      await sink.close();
      expect([sent.code, sink.mails.length]).toEqual([0, 1]);
      const mail = Buffer.from(sink.mails[0]?.raw ?? '', 'latin1');
      const [report] = JSON.parse((await read(mail, '--json', '--require-dkim')).stdout) as object[];
      const verification = { method: 'dkim', result: 'pass', domain: 'sender.example', selector };
      expect(report).toMatchObject({ verification, remarks: [] });
    }
  });
});

describe('who sent a report, by Authentication-Results', () => {
  const results = (...values: readonly string[]): Buffer =>
    Buffer.concat([
      lines('Received: x'),
      lines(...values.map((value) => `Authentication-Results: ${value}`)),
      reportMail(),
    ]);
  const PASS = 'mx.ours.example; dkim=pass header.d=reporter.example header.s=r9';
  const believed = (mail: Buffer): Promise<Shown | undefined> =>
    verificationOf(mail, '--authserv-id', 'MX.ours.example');

  it.each<[string, Buffer]>([
    ['alone', results(PASS)],
    [
      'with comments, a version and others',
      results('mx.ours.example 1 (x;(y)) ; spf=fail; DKIM = pass (a "b) header.i=@Reporter.example header.s=r9'),
    ],
    ['below those of others', results('x.example; dkim=fail header.d=reporter.example', PASS)],
    ['in a second one that follows directly', results('mx.ours.example; dmarc=pass', PASS)],
    [
      'of one of two signatures',
      results(`${PASS.replace('pass', 'fail')}; dkim=pass header.d=reporter.example header.s=r9`),
    ],
  ])('is believed where our mail server found it, %s', async (_what, mail) => {
    expect(await believed(mail)).toEqual({
      method: 'authentication-results',
      result: 'pass',
      domain: 'reporter.example',
      selector: 'r9',
      why: 'mx.ours.example found a signature of reporter.example',
    });
  });

  const FORGED = `Authentication-Results: ${PASS}`;
  it.each<[string, Buffer, string]>([
    ['forged below the trusted one', results('mx.ours.example; dkim=fail header.d=reporter.example', PASS), 'fail'],
    ['forged further below', edited(results('mx.ours.example; spf=pass'), 'Subject:', `${FORGED}\r\nSubject:`), 'none'],
    ['forged below one of no signature', results('mx.ours.example; dkim=none', PASS), 'none'],
    ['of somebody else', results(PASS.replace('ours', 'theirs')), 'none'],
    ['of another domain', results(PASS.replace('reporter', 'other')), 'fail'],
    [
      'in a quoted string',
      results(`mx.ours.example; spf=pass reason="\\"; dkim=pass header.d=reporter.example"`),
      'none',
    ],
    ['in a comment', results('mx.ours.example; spf=pass (\\); dkim=pass header.d=reporter.example)'), 'none'],
    ['in a comment without an end', results(`mx.ours.example (; dkim=pass header.d=reporter.example`), 'none'],
    ['in a mail that was forwarded', forwarded(results(PASS)), 'none'],
    ['not there', reportMail(), 'none'],
    ['that could not be found out', results('mx.ours.example; dkim=temperror header.d=reporter.example'), 'temperror'],
  ])('is not believed where it is %s', async (_what, mail, result) => {
    expect(await believed(mail)).toMatchObject({ method: 'authentication-results', result });
  });

  it('takes the place of the signature, and nothing is looked up', async () => {
    const before = names.questions.length;
    expect((await believed(await signed([r1])))?.result).toBe('none');
    expect(names.questions).toHaveLength(before);
  });
});
