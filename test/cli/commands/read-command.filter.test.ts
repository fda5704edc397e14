import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesOf, soundDocument } from '#test/support/inbound-documents.ts';
import { lines, ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { preload } from '#test/support/preload.ts';
import { run } from '#test/support/run-program.ts';
import { EXECUTABLE, runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const packed = reportMail({ content: gzipSync(bytesOf(soundDocument())) });
const MARK = 'TLS-Report-Has-Failures: 303\r\n';

function filtered(mail: Uint8Array | string, ...flags: readonly string[]): ReturnType<typeof runTlsrpt> {
  return runTlsrpt(['read', '--filter', ...flags], { stdin: mail });
}

describe('tlsrpt read --filter', () => {
  it('passes a mail on with what its report says, and ends with 0 in silence', async () => {
    const { stdout, stderr, exitCode } = await filtered(reportMail());
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      MARK +
        reportMail()
          .toString()
          .replace('This is a report.\r\n', `This is a report.\r\n\r\n${SUMMARY.replaceAll('\n', '\r\n')}`),
    );
  });

  it('explains the failures as well where that is asked for', async () => {
    const { stdout } = await filtered(reportMail(), '--explain', '-');
    expect(stdout).toMatch(/see also: https:\/\/reporter\.example\/why\r\n\r\nWhat that means:\r\n/);
  });

  it('passes a mail without a report as it is, and marks it where one is expected', async () => {
    expect((await filtered(ordinaryMail)).stdout).toBe(ordinaryMail.toString());
    const { stdout, stderr, exitCode } = await filtered(ordinaryMail, '--expect-report');
    expect(stdout).toBe(
      `TLS-Report-Has-Failures: cannot be read: there is no report in it\r\n${ordinaryMail.toString()}`,
    );
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/ warning report-unreadable: - cannot be read: there is no report in it\.\n$/),
    ]);
  });

  it('asks no name server who sent a report, but in Authentication-Results', async () => {
    const results = (signer: string): Buffer =>
      Buffer.concat([lines(`Authentication-Results: mx.a.example; dkim=pass header.d=${signer}`), reportMail()]);
    const flags = ['--authserv-id', 'mx.a.example', '--require-dkim'];
    expect((await filtered(results('reporter.example'), ...flags)).stdout).toContain(MARK);
    expect((await filtered(results('other.example'), ...flags)).stdout).toBe(
      `TLS-Report-Has-Failures: cannot be read: it is not shown who sent it\r\n${results('other.example').toString()}`,
    );
    expect((await filtered(results('other.example'), ...flags.slice(0, 2))).stdout).toMatch(
      /\r\n {2}sender not verified: the signature is not of the domain of From and of the\r\n/,
    );
  });

  it('passes mail also when the settings cannot be used', async () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'tlsrpt.toml'), 'nonsense = [');
    for (const file of [join(directory, 'tlsrpt.toml'), join(directory, 'absent.toml')]) {
      const { stdout, stderr, exitCode } = await filtered(reportMail(), '--config', file);
      expect([exitCode, stdout.startsWith(MARK)]).toEqual([0, true]);
      expect(stderr).toMatch(/ error configuration-error: /);
    }
  });

  it('passes a mail of 30 MB whole, and without the field that came with it', async () => {
    const directory = scratchDirectory();
    const body = Buffer.alloc(30_000_000, `${'x'.repeat(76)}\r\n`);
    const [header, spoofed] = [lines('Subject: x'), lines('TLS-Report-Has-Failures: 0')];
    writeFileSync(join(directory, 'in'), Buffer.concat([header, spoofed, lines(''), body]));
    writeFileSync(join(directory, 'out'), Buffer.concat([header, lines(''), body]));
    const [input, output] = [openSync(join(directory, 'in'), 'r'), openSync(join(directory, 'filtered'), 'w')];
    const { status, stderr } = spawnSync(process.execPath, [EXECUTABLE, 'read', '--filter'], {
      stdio: [input, output, 'pipe'],
      encoding: 'utf8',
    });
    [input, output].forEach(closeSync);
    expect([status, stderr]).toEqual([0, '']);
    const same = readFileSync(join(directory, 'filtered')).equals(readFileSync(join(directory, 'out')));
    expect(same).toBe(true);
  });

  it('marks what is too large and says that it is a report', async () => {
    const { stdout } = await filtered(Buffer.concat([reportMail(), Buffer.alloc(11_000_000, 'x\n')]));
    expect(stdout.slice(0, 100)).toContain(
      'TLS-Report-Has-Failures: cannot be read: it is larger than any report\r\nFrom: tls@reporter.example\r\n',
    );
  });

  it.runIf(existsSync('/dev/full'))('has the mail server try again when the mail cannot be written', async () => {
    for (const mail of [reportMail(), ordinaryMail, Buffer.alloc(11_000_000, 'x\n')]) {
      const output = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, [EXECUTABLE, 'read', '--filter'], {
        input: mail,
        stdio: ['pipe', output, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(output);
      expect([status, stderr]).toEqual([75, expect.stringMatching(/ error mail-not-passed: .*ENOSPC/)]);
    }
  });

  it('has the mail server try again when it cannot be read, or nobody takes it', () => {
    const ended = (command: string): string =>
      execFileSync('/bin/bash', ['-c', command, 'bash', process.execPath, EXECUTABLE], {
        input: reportMail(),
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'ignore'],
      });
    expect(ended('"$@" read --filter < / > /dev/null; echo $?')).toBe('75\n');
    expect(ended('"$@" read --filter | true; echo ${PIPESTATUS[0]}')).toBe('75\n');
  });

  it('passes the mail as it was when reading throws what nobody foresaw', async () => {
    const environment = preload('throwing-gunzip.cjs');
    const { stdout, stderr, exitCode } = await runTlsrpt(['read', '--filter'], { stdin: packed, environment });
    expect(stdout).toBe(
      `TLS-Report-Has-Failures: cannot be read: tlsrpt failed (internal-error)\r\n${packed.toString()}`,
    );
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/ error internal-error: [^]*nobody foresaw this/)]);
  });

  it('has the mail server try again when nobody foresaw how it ends itself', async () => {
    const environment = { ...preload('throwing-gunzip.cjs'), THROWING_LATER: '1' };
    const { stdout, exitCode } = await runTlsrpt(['read', '--filter'], { stdin: packed, environment });
    expect([exitCode, stdout]).toEqual([75, '']);
  });

  it.each([
    [['--json'], '--json does not go with --filter'],
    [['--csv'], '--csv does not go with --filter'],
    [['--lint'], '--lint does not go with --filter'],
    [['--fail'], '--fail does not go with --filter'],
    [['a.eml'], '--filter takes one mail from standard input, and no "a.eml"'],
  ])('refuses %j beside it', async (words, message) => {
    const { code, stderr } = await run(['read', '--filter', ...words]);
    expect([code, stderr]).toEqual([64, expect.stringContaining(message)]);
  });

  it('refuses to expect a report without it', async () => {
    expect((await run(['read', '--expect-report'])).stderr).toContain('--expect-report goes with --filter');
  });
});

const SUMMARY = `TLS report of Reporter Inc. on 2026-01-31
  report-id ${String(soundDocument()['report-id'])}, contact tls@reporter.example

policy sts of a.example: 5326 sessions succeeded, 303 failed
sts failure
sending-mta-ip: 2001:db8:abcd:12::1
  103 sessions: certificate-expired at mx1.a.example
sending-mta-ip: 198.51.100.62
  200 sessions: validation-failure at mx2.a.example (203.0.113.58)
  reason: X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED
  see also: https://reporter.example/why
`;
