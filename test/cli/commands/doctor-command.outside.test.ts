import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#support/clock.ts';
import { makeRsaKey } from '#test/support/dkim.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { smtpError } from '#test/support/smtp-sink.ts';
import { configurationFor, startSoundHost } from '#test/support/sound-host.ts';
import type { Outside, SoundHost } from '#test/support/sound-host.ts';

/** What the machine of the test is like, and no test decides. */
const OF_THIS_MACHINE = ['queue-length', 'disk', 'postfix-log'];

async function wrong({ stateDir, ...host }: SoundHost, outside?: Outside): Promise<string[]> {
  const configuration = await configurationFor({ stateDir, ...host }, outside);
  const { stdout } = await run(['doctor', '--json'], { configuration, stateDir });
  const { findings } = JSON.parse(stdout) as { findings: { grade: string; check: string; what: string }[] };
  return findings
    .filter(({ grade, check }) => grade !== 'ok' && !OF_THIS_MACHINE.includes(check))
    .map(({ grade, check, what }) => `${grade} ${check}: ${what}`);
}

function keyFile(pem: string): string {
  const path = join(scratchDirectory(), 'key.pem');
  writeFileSync(path, pem, { mode: 0o600 });
  return `dkim_keys = ["s1=${path}"]`;
}

/** In two character-strings, as no more than 255 octets go into one. */
function published(record: string): Outside['names'] {
  return { 's1._domainkey.sender.example': { txt: [[record.slice(0, 200), record.slice(200)]] } };
}

/** That nobody may run. */
function plainFile(): string {
  const path = join(scratchDirectory(), 'sendmail');
  writeFileSync(path, '');
  return path;
}

describe('tlsrpt doctor on a host that is sound', () => {
  it('finds nothing, also where mails are signed', async () => {
    const { pem, record } = makeRsaKey();
    const names = published(record);
    expect(await wrong(await startSoundHost(), { names, send: [keyFile(pem)] })).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)(
    'sees a test datagram come that is sent as Postfix sends, and counts it nowhere',
    async () => {
      const host = await startSoundHost();
      const surroundings = { configuration: await configurationFor(host), stateDir: host.stateDir };
      const { stdout } = await run(['doctor'], surroundings);
      expect(stdout).toMatch(/^ok {7}probe: A test datagram from .* has come, and is not counted\.$/m);
      const status = await run(['status', '--json'], { ...surroundings, nowMs: systemClock.nowMs() });
      const { days } = JSON.parse(status.stdout) as { days: { collected: { datagrams: number; rejected: number } }[] };
      expect(
        days.map(({ collected }) => collected.datagrams + collected.rejected).filter((count) => count > 0),
      ).toEqual([]);
    },
  );

  const key = makeRsaKey();
  it.each<readonly [string, () => Outside, readonly RegExp[]]>([
    [
      'that the mail server does not relay',
      () => ({ mailServer: { onRcptTo: () => smtpError(554, '5.7.1 Relay access denied') } }),
      [/^broken mail: .* takes no mail to other domains: 554 5\.7\.1/],
    ],
    [
      'that it refuses the sender',
      () => ({ mailServer: { onMailFrom: (from) => smtpError(550, `5.1.8 ${from}`) } }),
      [/^broken mail: .* takes no mail from postmaster@sender\.example: 550/],
    ],
    [
      'that there is no TLS, which is required',
      () => ({ send: ['smtp_tls = "required"'] }),
      [/^broken mail: .* takes no mail of ours/],
    ],
    [
      'a sendmail command that is missing',
      () => ({ send: ['sendmail = "/nonexistent/sendmail"'] }),
      [/^broken mail: There is no command \/nonexistent\/sendmail/],
    ],
    [
      'a sendmail command that cannot be run',
      () => ({ send: [`sendmail = "${plainFile()}"`] }),
      [/^broken mail: .*\/sendmail cannot be run/],
    ],
    [
      'that the key with which mails are signed is not published',
      () => ({ send: [keyFile(key.pem)] }),
      [/^broken dkim: There is no DKIM key at s1\._domainkey\.sender\.example/],
    ],
    [
      'that another key is published',
      () => ({
        send: [keyFile(key.pem)],
        names: published(makeRsaKey().record),
      }),
      [/^broken dkim: .* is not the public part/],
    ],
    [
      'that the name server fails',
      () => ({ names: { '.': { fault: 'server-failure' } } }),
      [/^broken name-servers: No name server answers: 127\.0\.0\.1:/],
    ],
    [
      'a mistake in our own TLSRPT record',
      () => ({ names: { '_smtp._tls.sender.example': { txt: ['v=TLSRPTv1; rua=nowhere'] } } }),
      [/^warning own-domain: .*sender\.example: tlsrpt-record/],
    ],
    [
      'a password file that is missing, once',
      () => ({ send: ['smtp_user = "tlsrpt"', 'smtp_password_file = "/nonexistent/password"'] }),
      [/^broken configuration: .*\/nonexistent\/password/],
    ],
  ])('but for one thing finds %s', async (_, outside, findings) => {
    expect(await wrong(await startSoundHost(), outside())).toEqual(
      findings.map((finding) => expect.stringMatching(finding) as string),
    );
  });

  it('but whose collector was stopped finds that nobody receives', async () => {
    const host = await startSoundHost();
    host.collector.kill('SIGKILL');
    await host.collector.ended;
    expect(await wrong(host)).toEqual([
      expect.stringMatching(/^broken socket: Nobody receives/),
      expect.stringMatching(/^broken collector: No collector runs/),
    ]);
  });
});
