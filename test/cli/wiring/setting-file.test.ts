import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { Sending, START_MS } from '#test/support/sending.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';

const AUTH = { user: 'reports', password: 'hunter2' };

/** A run of send that logs in with the password in a file of this mode, or in a credential. */
async function sendWith(mode: number, asCredential = false): Promise<ProgramRun> {
  const sending = await Sending.with({ destinations: ['mailto:tls@good.example'] });
  const sink = await startSmtpSink({ auth: AUTH });
  const directory = scratchDirectory();
  const file = join(directory, 'smtp-password');
  writeFileSync(file, `${AUTH.password}\n`);
  chmodSync(file, mode);
  const words = ['--contact', 'tlsrpt@sender.example', '--smtp', `smtp://127.0.0.1:${String(sink.port)}`];
  const ended = await run(
    ['send', ...words, '--smtp-user', AUTH.user, ...(asCredential ? [] : ['--smtp-password-file', file])],
    {
      stateDir: sending.store.path,
      nowMs: START_MS,
      environment: asCredential ? { CREDENTIALS_DIRECTORY: directory } : {},
    },
  );
  await sink.close();
  return ended;
}

describe('a file with a password', () => {
  it.each([0o666, 0o644, 0o604, 0o602])('is refused when others can read or write it: %o', async (mode) => {
    const { code, stderr } = await sendWith(mode);
    expect(code).toBe(78);
    expect(stderr).toContain(`smtp-password has the mode 0${mode.toString(8)}, so every user of this machine can read`);
    expect(stderr).toContain('Run chmod o= ');
    expect(stderr).not.toContain(AUTH.password);
  });

  it.each([0o600, 0o640, 0o400])('is used when only its owner and its group can read it: %o', async (mode) => {
    expect(await sendWith(mode)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('is used whatever its mode where it is a credential, whose directory keeps others out', async () => {
    expect(await sendWith(0o444, true)).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('a file with certificate authorities', () => {
  it('is refused when it has no certificate', async () => {
    const file = join(scratchDirectory(), 'authorities.pem');
    writeFileSync(file, 'nothing of that kind\n');
    const sending = await Sending.with({ destinations: ['https://good.example/'] });
    const words = ['send', '--contact', 'tlsrpt@sender.example', '--https-ca', file];
    const { code, stderr } = await run(words, { stateDir: sending.store.path, nowMs: START_MS });
    expect(code).toBe(78);
    expect(stderr).toContain(
      `send.https_ca: ${file} has no certificate that can be read. It must have those of authorities, each between BEGIN and END CERTIFICATE.`,
    );
  });
});
