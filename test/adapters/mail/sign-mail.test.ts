import { describe, expect, it } from 'vitest';
import { composeReportMail } from '#adapters/mail/compose-report-mail.ts';
import { readDkimKey } from '#adapters/mail/dkim-key.ts';
import type { DkimKey } from '#adapters/mail/dkim-key.ts';
import { signMail } from '#adapters/mail/sign-mail.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { makeEd25519Key, makeRsaKey, verifyMail } from '#test/support/dkim.ts';
import type { TestDkimKey } from '#test/support/dkim.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 4, 5, 6);
const rsa = makeRsaKey();
const ed25519 = makeEd25519Key();
const RECORDS = {
  'r1._domainkey.sender.example': rsa.record,
  'e1._domainkey.sender.example': ed25519.record,
};

function keyOf(selector: string, { pem }: TestDkimKey): DkimKey {
  const reading = readDkimKey(selector, pem);
  if (reading.kind === 'unusable') throw new Error(reading.why);
  return reading.key;
}

async function signedMail(changes: Partial<OutgoingReport> = {}): Promise<string> {
  const report = { ...reportWithId('id-1@sender.example'), ...changes };
  const mail = await composeReportMail(report, {
    from: 'tlsrpt@sender.example',
    to: 'tls@good.example',
    nowMs: NOW_MS,
  });
  const keys = [keyOf('r1', rsa), keyOf('e1', ed25519)];
  return (await signMail(mail, { domain: 'sender.example', keys }, NOW_MS)).toString('latin1');
}

const PASSES = { result: 'pass', aligned: 'sender.example', domain: 'sender.example', hasLength: false };

describe('a signed mail', () => {
  it('passes an independent verifier with each of its keys', async () => {
    expect(await verifyMail(await signedMail(), RECORDS)).toMatchObject([
      { ...PASSES, selector: 'r1', algorithm: 'rsa-sha256' },
      { ...PASSES, selector: 'e1', algorithm: 'ed25519-sha256' },
    ]);
  });

  it('names every field once more than it is there, those of the report among them', async () => {
    const [verdict] = await verifyMail(await signedMail(), RECORDS);
    const names = [
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
    ];
    const absent = ['Sender', 'Reply-To', 'Cc', 'Content-Transfer-Encoding'];
    expect(verdict?.signedFields).toEqual([...names.flatMap((name) => [name, name]), ...absent]);
  });

  it('is the mail as it was, with the signatures in front', async () => {
    const raw = await signedMail();
    expect(raw.startsWith('DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=sender.example;\r\n')).toBe(true);
    expect((await readReportMail(raw)).document).toMatchObject({ 'report-id': 'id-1@sender.example' });
    expect(Math.max(...raw.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it.each([
    ['blanks at the ends of lines and within', { summary: 'one \t \n\n  two   three\n\n\n' }],
    ['letters outside ASCII', { summary: 'Bücher\n' }],
    ['a Subject on several lines', { policyDomain: `${'a'.repeat(60)}.${'b'.repeat(60)}.example` }],
  ])('passes with %s', async (_what, changes) => {
    const verdicts = await verifyMail(await signedMail(changes), RECORDS);
    expect(verdicts.map(({ result }) => result)).toEqual(['pass', 'pass']);
  });

  it('still passes after a relay has folded and spaced it anew', async () => {
    const raw = (await signedMail()).replace('TLS-Required: No', 'TLS-REQUIRED:\r\n\tNo ');
    const verdicts = await verifyMail(`Received: from a by b\r\n${raw}\r\n\r\n`, RECORDS);
    expect(verdicts.map(({ result }) => result)).toEqual(['pass', 'pass']);
  });

  it.each([
    ['another report domain', (raw: string) => raw.replace('TLS-Report-Domain: good', 'TLS-Report-Domain: evil')],
    ['a second submitter', (raw: string) => raw.replace('TLS-Required', 'TLS-Report-Submitter: evil\r\nTLS-Required')],
    ['a second From', (raw: string) => `From: other@sender.example\r\n${raw}`],
    ['somewhere else to answer to', (raw: string) => `Reply-To: other@sender.example\r\n${raw}`],
    ['another sender', (raw: string) => `Sender: other@sender.example\r\n${raw}`],
    ['further recipients', (raw: string) => `Cc: other@sender.example\r\n${raw}`],
    ['another encoding', (raw: string) => `Content-Transfer-Encoding: base64\r\n${raw}`],
    ['another text', (raw: string) => raw.replace('3 sessions', '4 sessions')],
    ['more behind it', (raw: string) => `${raw}more\r\n`],
  ])('fails with %s', async (_what, change) => {
    const raw = await signedMail();
    expect(change(raw)).not.toBe(raw);
    const verdicts = await verifyMail(change(raw), RECORDS);
    expect(verdicts.map(({ result }) => result)).not.toContain('pass');
  });
});
