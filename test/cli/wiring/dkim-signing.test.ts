import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeEd25519Key, makeRsaKey, verifyMail } from '#test/support/dkim.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { Sending, START_MS } from '#test/support/sending.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SunkMail } from '#test/support/smtp-sink.ts';

const rsa = makeRsaKey();
const ed25519 = makeEd25519Key();
const RECORDS = { 'r1._domainkey.sender.example': rsa.record, 'e1._domainkey.sender.example': ed25519.record };

function keyFiles(): { directory: string; rsaFile: string } {
  const directory = scratchDirectory();
  writeFileSync(join(directory, 'dkim-r1'), rsa.pem, { mode: 0o600 });
  writeFileSync(join(directory, 'dkim-e1'), ed25519.pem); // as a credential may be: its directory keeps others out
  writeFileSync(join(directory, 'for-all'), rsa.pem, { mode: 0o644 });
  writeFileSync(join(directory, 'nonsense'), 'secret nonsense', { mode: 0o600 });
  return { directory, rsaFile: join(directory, 'dkim-r1') };
}

/** The one mail that a run of send with these words hands to a server. */
async function sentMail(words: readonly string[], environment: Record<string, string> = {}): Promise<SunkMail> {
  const sending = await Sending.with({ destinations: ['mailto:tls@good.example'] });
  const sink = await startSmtpSink();
  const smtp = ['--smtp', `smtp://127.0.0.1:${String(sink.port)}`];
  const ended = await run(['send', ...smtp, ...words], {
    stateDir: sending.store.path,
    nowMs: START_MS,
    environment,
  });
  await sink.close();
  expect(ended).toEqual({ code: 0, stdout: '', stderr: '' });
  const [mail, ...others] = sink.mails;
  if (mail === undefined || others.length > 0) throw new Error('not exactly one mail');
  return mail;
}

describe('a mail that send signs', () => {
  it('passes an independent verifier as the mail server got it, RSA and Ed25519, aligned with From', async () => {
    const { directory, rsaFile } = keyFiles();
    const mail = await sentMail(
      ['--contact', 'tlsrpt@sender.example', '--dkim-key', `r1=${rsaFile}`, '--dkim-key', 'e1'],
      { CREDENTIALS_DIRECTORY: directory },
    );
    const verdicts = await verifyMail(mail.raw, RECORDS);
    expect(verdicts).toMatchObject([
      { selector: 'r1', algorithm: 'rsa-sha256', result: 'pass', aligned: 'sender.example', hasLength: false },
      { selector: 'e1', algorithm: 'ed25519-sha256', result: 'pass', aligned: 'sender.example', hasLength: false },
    ]);
    for (const { signedFields } of verdicts)
      expect(signedFields).toEqual(expect.arrayContaining(['TLS-Report-Domain', 'TLS-Report-Submitter', 'From']));
  });

  it('may be signed by a domain above those of the contact and the sender', async () => {
    const { rsaFile } = keyFiles();
    const addresses = ['--contact', 'tlsrpt@a.sender.example', '--from', 'noreply@b.sender.example'];
    const mail = await sentMail([...addresses, '--dkim-domain', 'sender.example', '--dkim-key', `r1=${rsaFile}`]);
    expect(await verifyMail(mail.raw, RECORDS)).toMatchObject([
      { domain: 'sender.example', result: 'pass', aligned: 'sender.example' },
    ]);
  });

  it('is not one unless a key is named', async () => {
    const mail = await sentMail(['--contact', 'tlsrpt@sender.example']);
    expect(mail.raw).not.toContain('DKIM-Signature');
  });
});

describe('a report that was built under another contact', () => {
  const NEW_CONTACT = ['--contact', 'tlsrpt@new.example'];

  it('is sent under the contact that it names', async () => {
    const mail = await sentMail(NEW_CONTACT);
    expect([mail.from, /^From: (.*)\r$/m.exec(mail.raw)?.[1]]).toEqual([
      'tlsrpt@sender.example',
      'tlsrpt@sender.example',
    ]);
    expect(mail.raw).toContain('TLS-Report-Submitter: sender.example\r\n');
  });

  it('is held back, and can still be built anew, rather than signed by another domain', async () => {
    const sending = await Sending.with({ destinations: ['mailto:tls@good.example'], reportId: 'old@sender.example' });
    const { rsaFile } = keyFiles();
    const words = ['--smtp', 'smtp://127.0.0.1:1', '--dkim-key', `r1=${rsaFile}`];
    const send = (more: readonly string[]): ReturnType<typeof run> =>
      run(['send', ...words, ...more], { stateDir: sending.store.path, nowMs: START_MS });
    const held = await send(NEW_CONTACT);
    expect(held.code).toBe(75);
    expect(held.stderr).toContain(
      'report-held-back: The report on good.example is not sent to mailto:tls@good.example',
    );
    expect(held.stderr).toContain('names a contact at sender.example, and mails are signed by new.example');
    expect(sending.deliveries()).toMatchObject([{ state: 'queued', attempts: 0 }]);
    expect(sending.deliveries()[0]?.lastResult).toMatch(/^held back: .* Run tlsrpt report about its day again/);
    expect(sending.transmissionStarted('old@sender.example')).toBe(false);
  });

  it('keeps no report from being sent that names the contact as it is', async () => {
    const sending = await Sending.with({ destinations: ['mailto:a@good.example', 'https://127.0.0.1/'] });
    const { rsaFile } = keyFiles();
    const words = ['--now', '--smtp', 'smtp://127.0.0.1:1', '--dkim-key', `r1=${rsaFile}`];
    await run(['send', ...words, '--contact', 'tlsrpt@sender.example'], {
      stateDir: sending.store.path,
      nowMs: START_MS,
    });
    expect(sending.deliveries().map(({ attempts }) => attempts)).toEqual([1, 1]);
  });
});

describe('a DKIM setting that would make receivers ignore the signature', () => {
  it.each([
    [
      ['--dkim-key', 'r1=KEYS/dkim-r1', '--from', 'tlsrpt@other.example'],
      'report.from is at other.example, and mails are signed by sender.example',
    ],
    [
      ['--dkim-key', 'r1=KEYS/dkim-r1', '--dkim-domain', 'ender.example'],
      'report.contact is at sender.example, and mails are signed by',
    ],
    [
      ['--dkim-key', 'r1=KEYS/dkim-r1', '--dkim-domain', 'example'],
      '--dkim-domain must be a domain such as example.com, not a top-level domain',
    ],
    [['--dkim-key', 'r1=/nonexistent'], 'send.dkim_keys: /nonexistent cannot be read (ENOENT).'],
    [
      ['--dkim-key', 'r1=KEYS/for-all'],
      'for-all has the mode 0644, so every user of this machine can read or change it.',
    ],
    [['--dkim-key', 'r1=KEYS/nonsense'], 'nonsense is not a private key in PEM form without a passphrase.'],
    [['--dkim-key', 'r1'], 'names the selector r1 without a file, and there is no $CREDENTIALS_DIRECTORY.'],
    [['--dkim-key', '=x'], '--dkim-key must be of the form SELECTOR or SELECTOR=FILE'],
  ])('%j ends the command before anything is sent', async (words, message) => {
    const sending = await Sending.with({ destinations: ['mailto:tls@good.example'] });
    const { directory } = keyFiles();
    const withKeys = words.map((word) => word.replace('KEYS', directory));
    const ended = await run(['send', '--contact', 'tlsrpt@sender.example', ...withKeys], {
      stateDir: sending.store.path,
      nowMs: START_MS,
    });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toContain('secret');
    expect(ended.code).toBe(message.startsWith('--') ? 64 : 78);
    expect(sending.deliveries().map(({ attempts }) => attempts)).toEqual([0]);
  });
});
