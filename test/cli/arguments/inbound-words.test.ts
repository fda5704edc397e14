import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const MAILBOX = 'imaps://me@a.invalid/INBOX';

async function refusal(...words: readonly string[]): Promise<string> {
  const { code, stderr } = await run(['read', ...words]);
  expect(code).toBe(64);
  return stderr;
}

describe('What tlsrpt read is told about mailboxes', () => {
  it.each([
    [['--seen', '/dev/null'], /--seen goes with an imaps:\/\/ source, and there is none/],
    [['--move', 'Done'], /--move goes with an imaps:\/\/ source/],
    [['--imap-ca', '/dev/null', '-'], /--imap-ca goes with an imaps:\/\/ source/],
    [['--filter', '--seen'], /--seen does not go with --filter/],
    [['--move', 'inbox', MAILBOX], /--move inbox names the folder that is read/],
    [['--move', 'a\nb', MAILBOX], /--move needs the name of a folder/],
    [[MAILBOX, 'imaps://you@a.invalid/INBOX'], /are not of one user on one server/],
    [[MAILBOX, 'imaps://me@b.invalid/INBOX'], /are not of one user on one server/],
    [['--imap-tls', 'off', MAILBOX], /read\.imap_tls is off .* imaps:\/\/ URL/],
    [['--imap-tls', 'off', 'imap://me@a.invalid/INBOX'], /a\.invalid is not this machine: the password would travel/],
  ])('is refused when nothing good can come of it: %j', async (words, why) => {
    expect(await refusal(...words)).toMatch(why);
  });

  it('never has the password in it, nor is that repeated', async () => {
    for (const url of ['imaps://me:s3cret@a.invalid/INBOX', 'imap://me:s3c@ret/s3cret@a.invalid/INBOX']) {
      const said = await refusal(url);
      expect(said).toMatch(/password|as whom|host/);
      expect(said).not.toMatch(/s3c|ret\//);
    }
  });

  it('names a password that nobody else can read', async () => {
    const file = join(scratchDirectory(), 'password');
    const outcome = async (...flags: readonly string[]): Promise<string> => {
      const { code, stderr } = await run(['read', ...flags, MAILBOX]);
      expect(code).toBe(78);
      return stderr;
    };
    expect(await outcome()).toMatch(/A mailbox needs a password, and read\.imap_password_file is not set/);
    expect(await outcome('--imap-password-file', file)).toMatch(/cannot be read \(ENOENT\)/);
    writeFileSync(file, 's3cret\n', { mode: 0o644 });
    expect(await outcome('--imap-password-file', file)).toMatch(/has the mode 0644, so every user/);
    const empty = join(scratchDirectory(), 'password');
    writeFileSync(empty, '\n', { mode: 0o600 });
    expect(await outcome('--imap-password-file', empty)).toMatch(/the password in .* must be one line/);
    writeFileSync(empty, 's3cret\n', { mode: 0o600 });
    expect(await outcome('--imap-password-file', empty, '--imap-ca', '/dev/null')).toMatch(/has no certificate/);
  });
});
