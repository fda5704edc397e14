import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { makeRsaKey, verifyMail } from '#test/support/dkim.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const MAIL = makeDatagram({
  domain: 'mail.example',
  record: 'v=TLSRPTv1;rua=mailto:a@mail.example,mailto:b@mail.example',
});
const WEB = makeDatagram({ domain: 'web.example', record: 'v=TLSRPTv1;rua=https://web.example/r' });
const SENDER = ['--contact', 'tlsrpt@sender.example', '--from', 'noreply@sender.example'];

async function written(...words: readonly string[]): Promise<ProgramRun & { files: Record<string, Buffer> }> {
  const days = await CollectedDays.make('5bb31a6e-6dba-4a3f-9d5e-4f5b1d7a1e11');
  days.collect([MAIL, WEB]);
  const directory = scratchDirectory();
  const ended = await run(['report', ...SENDER, '--out', directory, ...words], { stateDir: days.store.path });
  const files = readdirSync(directory)
    .sort()
    .map((name): [string, Buffer] => [
      name.replace(/!\d+!\d+!\w{32}\./, '!PERIOD.'),
      readFileSync(join(directory, name)),
    ]);
  return { ...ended, files: Object.fromEntries(files) };
}

describe('tlsrpt report --out --format', () => {
  it.each([[[]], [['--format', 'json.gz']]])('json.gz, which is the default: %j', async (words) => {
    const { code, files } = await written(...words);
    expect(code).toBe(0);
    expect(Object.keys(files)).toEqual([
      'sender.example!mail.example!PERIOD.json.gz',
      'sender.example!web.example!PERIOD.json.gz',
    ]);
    const document = gunzipSync(Object.values(files)[0] ?? Buffer.alloc(0)).toString('utf8');
    expect(JSON.parse(document)).toMatchObject({ 'contact-info': 'tlsrpt@sender.example' });
  });

  it('json is the same, not compressed', async () => {
    const [plain, compressed] = [await written('--format', 'json'), await written()];
    expect(Object.keys(plain.files)[0]).toBe('sender.example!mail.example!PERIOD.json');
    expect(Object.values(plain.files)).toEqual(Object.values(compressed.files).map((content) => gunzipSync(content)));
  });

  it('text is what the mail says in words', async () => {
    const { files } = await written('--format', 'text');
    expect(Object.keys(files)[0]).toBe('sender.example!mail.example!PERIOD.txt');
    expect(files['sender.example!mail.example!PERIOD.txt']?.toString('utf8')).toContain('mail.example');
  });

  it('eml is the mail to each mailbox, and none for what goes by HTTPS alone', async () => {
    const { files } = await written('--format', 'eml');
    expect(Object.keys(files)).toEqual([
      'sender.example!mail.example!PERIOD.2.eml',
      'sender.example!mail.example!PERIOD.eml',
    ]);
    const [second, first] = Object.values(files).map((content) => content.toString('latin1'));
    expect([first, second].map((raw) => /^To: (.*)\r$/m.exec(raw ?? '')?.[1])).toEqual([
      'a@mail.example',
      'b@mail.example',
    ]);
    expect(first).toMatch(/^From: noreply@sender\.example\r\n/);
    const { document } = await readReportMail(first ?? '');
    expect(document).toMatchObject({ 'contact-info': 'tlsrpt@sender.example' });
  });

  it('eml is signed as the mail would be', async () => {
    const { pem, record } = makeRsaKey();
    const key = join(scratchDirectory(), 'r1.pem');
    writeFileSync(key, pem, { mode: 0o600 });
    const { files } = await written('--format', 'eml', '--dkim-key', `r1=${key}`);
    for (const content of Object.values(files))
      expect(await verifyMail(content.toString('latin1'), { 'r1._domainkey.sender.example': record })).toMatchObject([
        { result: 'pass', aligned: 'sender.example' },
      ]);
  });

  it('eml without the key that is to sign it ends the command before anything is done', async () => {
    const { code, stderr, files } = await written('--format', 'eml', '--dkim-key', 'r1=/nonexistent');
    expect([code, files]).toEqual([78, {}]);
    expect(stderr).toContain('send.dkim_keys: /nonexistent cannot be read (ENOENT).');
  });

  it('is refused before anything is done when it makes no sense', async () => {
    const odd = await written('--format', 'pdf');
    expect(odd).toMatchObject({ code: 64, files: {} });
    expect(odd.stderr).toContain('--format pdf is not known. Write text, json, json.gz, eml.');
    const nowhere = await run(['report', '--format', 'json']);
    expect(nowhere.code).toBe(64);
    expect(nowhere.stderr).toContain('--format goes with --out');
  });
});
