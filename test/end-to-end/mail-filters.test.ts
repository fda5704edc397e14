/**
 * The recipes of docs/reading.md as they stand there, run by the real mail filters where there are any: only paths are others.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { has } from '#test/support/real-parts.ts';
import { EXECUTABLE } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const [MAILDROP, PROCMAIL, DOVECOT] = ['/usr/bin/maildrop', '/usr/bin/procmail', '/usr/lib/dovecot/dovecot-lda'];
const READING = readFileSync(new URL('../../docs/reading.md', import.meta.url), 'utf8');
/** Dovecot delivers for no root. */
const [NOBODY, NOGROUP] = [65_534, 65_534];
const isRoot = process.getuid?.() === 0;
const [uid, gid] = isRoot ? [NOBODY, NOGROUP] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];

function recipe(kind: string): string {
  const [, text] = new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\``, 'm').exec(READING) ?? [];
  if (text === undefined) throw new Error(`docs/reading.md has no recipe for ${kind}`);
  return text;
}

/** As a mail server hands it on. */
const withLf = (mail: Buffer): Buffer => Buffer.from(mail.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
const report = withLf(reportMail());
const spoofed = Buffer.concat([Buffer.from('TLS-Report-Has-Failures: 1\n'), withLf(ordinaryMail)]);

let root: string;
/** Runs a copy of the executable, which other users may not find where it is built. */
let command: string;

beforeEach(() => {
  root = scratchDirectory();
  chmodSync(root, 0o755);
  copyFileSync(EXECUTABLE, join(root, 'tlsrpt.js'));
  command = write('tlsrpt', `#!/bin/sh\nexec ${process.execPath} ${join(root, 'tlsrpt.js')} "$@"\n`, 0o755);
});

function write(name: string, content: string, mode: number): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
  chownSync(path, uid, gid);
  return path;
}

function maildir(name: string): string {
  const path = join(root, name);
  for (const folder of ['', 'new', 'cur', 'tmp']) {
    mkdirSync(join(path, folder), { recursive: true });
    chownSync(join(path, folder), uid, gid);
  }
  return path;
}

function run(program: string, words: readonly string[], input: Buffer): number | null {
  const environment = { HOME: root, PATH: process.env['PATH'] ?? '', LOGNAME: 'nobody', USER: 'nobody' };
  const { status, error } = spawnSync(program, words, { input, env: environment, cwd: root, uid, gid });
  if (error) throw error;
  return status;
}

function mailsIn(folder: string): string[] {
  const path = join(root, folder, 'new');
  return existsSync(path) ? readdirSync(path).map((name) => readFileSync(join(path, name), 'latin1')) : [];
}

/** What came where, once a mail with failures and one with a field of its own are delivered. */
function expectDelivered(failures: string, inbox: string): void {
  const [marked = '', ...others] = mailsIn(failures);
  expect(others).toEqual([]);
  expect(marked).toContain('TLS-Report-Has-Failures: 303\n');
  expect(marked).toContain('\nsts failure\nsending-mta-ip: 2001:db8:abcd:12::1\n');
  expect(marked).toContain(report.toString('latin1').slice(report.indexOf('--b\nContent-Type: application')).trimEnd());
  // procmail ends each mail with an empty line.
  expect(mailsIn(inbox).map((mail) => mail.trimEnd())).toEqual([withLf(ordinaryMail).toString('latin1').trimEnd()]);
}

describe.runIf(has('maildrop'))('maildrop with the recipe of the documents', () => {
  const deliver = (recipeText: string, mail: Buffer): number | null =>
    run(MAILDROP, [write('mailfilter', `${recipeText}\nto "${root}/Maildir"\n`, 0o600)], mail);
  const recipeHere = (): string =>
    recipe('maildrop').replace('/usr/bin/tlsrpt', command).replace('Maildir/', `${root}/Maildir/`);

  beforeEach(() => {
    maildir('Maildir');
    maildir('Maildir/.tls-failures');
  });

  it('puts mails with failures apart, and passes others', () => {
    expect([deliver(recipeHere(), report), deliver(recipeHere(), spoofed)]).toEqual([0, 0]);
    expectDelivered('Maildir/.tls-failures', 'Maildir');
  });

  it('has the mail server try again when the command cannot be run', () => {
    expect(deliver(recipeHere().replace(command, join(root, 'absent')), report)).toBe(75);
    expect(mailsIn('Maildir')).toEqual([]);
  });
});

describe.runIf(has('procmail'))('procmail with the recipe of the documents', () => {
  const deliver = (recipeText: string, mail: Buffer): number | null => {
    const settings = `MAILDIR=${root}\nDEFAULT=${root}/Maildir/\n`;
    return run(PROCMAIL, ['-m', write('procmailrc', settings + recipeText, 0o600)], mail);
  };

  it('puts mails with failures apart, and passes others', () => {
    chownSync(root, uid, gid);
    maildir('Maildir');
    const recipeHere = recipe('procmail').replace('/usr/bin/tlsrpt', command);
    expect([deliver(recipeHere, report), deliver(recipeHere, spoofed)]).toEqual([0, 0]);
    expectDelivered('Maildir/.tls-failures', 'Maildir');
  });

  it('keeps the mail as it was when the command cannot be run', () => {
    chownSync(root, uid, gid);
    maildir('Maildir');
    expect(deliver(recipe('procmail').replace('/usr/bin/tlsrpt', join(root, 'absent')), report)).toBe(0);
    expect(mailsIn('Maildir').map((mail) => mail.trimEnd())).toEqual([report.toString('latin1').trimEnd()]);
  });
});

describe.runIf(has('dovecot-lda') && has('sievec'))("Dovecot's Sieve with the recipe of the documents", () => {
  function configuration(filter: string): string {
    mkdirSync(join(root, 'home'), { recursive: true });
    chownSync(join(root, 'home'), uid, gid);
    write('filter/tlsrpt', filter, 0o755);
    write('home/tlsrpt.sieve', recipe('sieve'), 0o644);
    const settings = [
      `base_dir = ${root}/home`,
      `log_path = ${root}/home/log`,
      `mail_home = ${root}/home`,
      `mail_location = maildir:${root}/home/Maildir`,
      `mail_uid = ${String(uid)}`,
      `mail_gid = ${String(gid)}`,
      'first_valid_uid = 1',
      'lda_mailbox_autocreate = yes',
      'postmaster_address = postmaster@a.example',
      'protocol lda {\n  mail_plugins = sieve\n}',
    ];
    const plugin = recipe('dovecot')
      .replace('/usr/local/lib/dovecot/filter', join(root, 'filter'))
      .replace('/etc/dovecot/tlsrpt.sieve', join(root, 'home/tlsrpt.sieve'));
    return write('dovecot.conf', [...settings, plugin].join('\n'), 0o644);
  }

  it('puts mails with failures apart, and passes others', () => {
    const file = configuration(recipe('script').replace('/usr/bin/tlsrpt', command));
    expect(run(DOVECOT, ['-c', file], report)).toBe(0);
    expect(run(DOVECOT, ['-c', file], spoofed)).toBe(0);
    expectDelivered('home/Maildir/.tls-failures', 'home/Maildir');
  });

  it('keeps the mail as it was when the command fails', () => {
    const file = configuration('#!/bin/sh\nexit 75\n');
    expect(run(DOVECOT, ['-c', file], report)).toBe(0);
    expect(mailsIn('home/Maildir')).toEqual([report.toString('latin1')]);
  });
});
