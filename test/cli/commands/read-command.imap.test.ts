import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BounceTokens } from '#pipeline/send/bounce-tokens.ts';
import { exchangeBounce, RECORDED_DELAY, RECORDED_FAILURE } from '#test/support/bounces.ts';
import { IMAP_PASSWORD, startDovecot } from '#test/support/dovecot.ts';
import type { Dovecot } from '#test/support/dovecot.ts';
import { documentOf, INBOUND_DAY } from '#test/support/inbound-entries.ts';
import { ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { has } from '#test/support/real-parts.ts';
import { DAY, DELIVERED, Sending } from '#test/support/sending.ts';
import { startRelay } from '#test/support/relay.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const LOGIN = 'tls-reports%40a.example@localhost';
const mailOf = (reportId: string): Buffer => reportMail({ content: Buffer.from(JSON.stringify(documentOf(reportId))) });
const brokenMail = reportMail({ content: Buffer.from('{"organization-name":') });

interface ReadWish {
  readonly port?: number;
  readonly stateDir?: string;
  /** In place of those of the server. */
  readonly flags?: readonly string[];
}

/** Words that begin with `@` are folders of the server. */
function read(server: Dovecot, words: readonly string[], wish: ReadWish = {}): Promise<ProgramRun> {
  const { port = server.imapsPort, stateDir = scratchDirectory() } = wish;
  const { flags = ['--imap-password-file', server.passwordFile, '--imap-ca', server.caFile] } = wish;
  const url = (word: string): string => word.replace(/^@/, `imaps://${LOGIN}:${String(port)}/`);
  return run(['read', '--authserv-id', 'nobody', ...flags, ...words.map(url)], { stateDir });
}

function lastLine({ stdout }: ProgramRun): string | undefined {
  return stdout.trimEnd().split('\n').at(-1);
}

describe.runIf(has('imap-login'))('tlsrpt read of a mailbox on a server', () => {
  it('reads the reports in it, among files, and changes nothing', async () => {
    const server = await startDovecot({ folders: { INBOX: [mailOf('one'), ordinaryMail, mailOf('two')] } });
    const file = join(scratchDirectory(), 'a.json');
    writeFileSync(file, JSON.stringify(documentOf('three')));
    const { code, stdout, stderr } = await read(server, ['--json', file, '@']);
    expect([code, stderr]).toEqual([0, '']);
    expect(
      (JSON.parse(stdout) as object[]).map((report) =>
        Object.entries(report)
          .slice(0, 4)
          .map(([, value]) => value as unknown),
      ),
    ).toMatchObject([
      [file, 'Reporter Inc.', expect.anything(), 'three'],
      [`imaps://${LOGIN}:${String(server.imapsPort)}/INBOX/;UID=1`, 'Reporter Inc.', expect.anything(), 'one'],
      [`imaps://${LOGIN}:${String(server.imapsPort)}/INBOX/;UID=3`, 'Reporter Inc.', expect.anything(), 'two'],
    ]);
    expect(lastLine(await read(server, ['@']))).toBe('1 passed over that is no report.');
    expect(server.flagsIn('INBOX')).toEqual(['', '', '']);
  });

  it('stores each report of a thousand mails once, though the server is killed in the middle', async () => {
    const mails = Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? mailOf(String(index)) : ordinaryMail));
    const folders = { INBOX: mails };
    const stateDir = scratchDirectory();
    const mortal = await startDovecot({ folders });
    const relay = await startRelay(mortal.imapsPort, { afterBytes: 500_000, onFault: () => void mortal.kill() });
    const cut = await read(mortal, ['--store', '@'], { port: relay.port, stateDir });
    await relay.stop();
    expect(cut.code).toBe(75);
    expect(cut.stderr).toMatch(/report-unreadable: imaps:.*\/INBOX cannot be read: .+\.\n$/);
    const [, stored] = /^(\d+) stored\.$/.exec(lastLine(cut) ?? '') ?? [];
    expect(Number(stored)).toBeGreaterThan(50);
    expect(Number(stored)).toBeLessThan(450);

    const server = await startDovecot({ folders });
    const second = await read(server, ['--store', '@'], { stateDir });
    expect([second.code, lastLine(second)]).toEqual([
      0,
      `${String(500 - Number(stored))} stored, ${stored ?? ''} stored before.`,
    ]);
    expect(lastLine(await read(server, ['--store', '@'], { stateDir }))).toBe('0 stored, 500 stored before.');
  }, 120_000);

  it('marks mails as seen that are done with, and names what cannot be read once', async () => {
    const mails = [mailOf('one'), ordinaryMail, brokenMail, mailOf('two')];
    const server = await startDovecot({ folders: { Reports: mails } });
    const stateDir = scratchDirectory();
    const { code, stderr } = await read(server, ['--seen', '--store', '@Reports'], { stateDir });
    expect([code, server.flagsIn('Reports')]).toEqual([65, ['S', '', 'S', 'S']]);
    expect(stderr).toContain('/Reports/;UID=3 cannot be read: ');
    const again = await read(server, ['--seen', '--store', '@Reports'], { stateDir });
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toContain('1 marked as seen that cannot be read.\n0 stored, 2 stored before.\n');
    expect((await read(server, ['@Reports'])).code).toBe(65);
  });

  it('moves what cannot be read with the rest, once it was named', async () => {
    const server = await startDovecot({ folders: { INBOX: [brokenMail, ordinaryMail, mailOf('one')], Done: [] } });
    const [first, second] = [await read(server, ['--move', 'Done', '@']), await read(server, ['--move', 'Done', '@'])];
    expect([first.code, first.stderr]).toEqual([65, expect.stringContaining('/INBOX/;UID=1 cannot be read: ')]);
    expect([second.code, second.stderr]).toEqual([0, '']);
    expect([server.flagsIn('INBOX'), server.flagsIn('Done')]).toEqual([[''], ['', '']]);
  });

  it('marks bounces that are noted, or change nothing, and leaves those that match nothing', async () => {
    const sending = await Sending.with({ destinations: ['mailto:tls@receiver.example'] });
    await sending.run(DELIVERED);
    const [delivery] = sending.deliveries();
    if (!delivery) throw new Error('there is no delivery');
    const token = new BounceTokens(sending.store.bounceKey()).of({ day: DAY, number: 1 }, delivery);
    const from = `tlsrpt-bounces+${token}@sender.example`;
    const ours = exchangeBounce({ from, to: 'tls@receiver.example', raw: 'Message-ID: <1@sender.example>\r\n\r\n' });
    const mails = [Buffer.from(ours), Buffer.from(RECORDED_FAILURE), Buffer.from(RECORDED_DELAY), ordinaryMail];
    const server = await startDovecot({ folders: { INBOX: mails, Done: [] } });
    const stateDir = sending.store.path;
    const seen = await read(server, ['--store', '--seen', '@'], { stateDir });
    expect([seen.code, server.flagsIn('INBOX')]).toEqual([0, ['S', '', 'S', '']]);
    expect(lastLine(seen)).toBe('1 bounce noted, 1 of no delivery that is known.');
    expect(sending.states()).toEqual(['bounced']);
    const moved = await read(server, ['--store', '--move', 'Done', '@'], { stateDir });
    expect(lastLine(moved)).toBe('0 bounces noted, 1 that change nothing any more, 1 of no delivery that is known.');
    expect([server.flagsIn('INBOX'), server.flagsIn('Done')]).toEqual([
      ['', ''],
      ['S', 'S'],
    ]);
  });

  it('comes to the end of a mailbox that takes several times as long as it may', async () => {
    const mails = Array.from({ length: 2_000 }, (_, index) => mailOf(String(index)));
    const server = await startDovecot({ folders: { INBOX: mails } });
    const stateDir = scratchDirectory();
    const unread = (): number => server.flagsIn('INBOX').filter((flags) => flags === '').length;
    let [runs, words] = [0, ''];
    for (; unread() > 0 && runs < 100; runs += 1)
      words += (await read(server, ['--store', '--seen', '--imap-deadline', '2s', '@'], { stateDir })).stderr;
    expect([unread(), words]).toEqual([0, expect.stringContaining('it takes longer than 2 s as a whole')]);
    expect(lastLine(await read(server, ['--store', '@'], { stateDir }))).toBe('0 stored, 2000 stored before.');
  }, 300_000);

  it('marks nothing that could not be stored', async () => {
    const server = await startDovecot({ folders: { INBOX: [mailOf('one')] } });
    const stateDir = scratchDirectory();
    mkdirSync(join(stateDir, 'inbound'), { recursive: true });
    writeFileSync(join(stateDir, 'inbound', `${INBOUND_DAY}.sqlite`), 'damaged');
    const { code, stderr } = await read(server, ['--seen', '--store', '@'], { stateDir });
    expect([code, server.flagsIn('INBOX')]).toEqual([65, ['']]);
    expect(stderr).toContain('store-damaged');
  });

  it.each([
    ['moves mails', []],
    ['moves mails by copies where the server cannot do otherwise', ['MOVE']],
  ])('%s of which all was read, and no others', async (_, without) => {
    const folders = { INBOX: [mailOf('one'), ordinaryMail, mailOf('two')], 'Berichte/Über & mehr': [] };
    const server = await startDovecot({ folders, deleted: [ordinaryMail], without });
    const { code, stderr } = await read(server, ['--seen', '--move', 'Berichte/Über & mehr', '@INBOX']);
    expect([code, stderr]).toEqual([0, '']);
    expect(server.flagsIn('INBOX')).toEqual(['', 'T']);
    expect(server.flagsIn('Berichte/Über & mehr')).toEqual(['S', 'S']);
    expect((await read(server, ['@Berichte%2F%C3%9Cber%20%26%20mehr'])).stdout.match(/report-id/g)).toHaveLength(2);
  });

  it('does not move mails where that would remove others', async () => {
    const server = await startDovecot({ folders: { INBOX: [mailOf('one')], Done: [] }, without: ['MOVE', 'UIDPLUS'] });
    const { code, stdout, stderr } = await read(server, ['--move', 'Done', '@']);
    expect([code, stdout]).toEqual([65, '']);
    expect(stderr).toContain('the server can neither move mails (MOVE) nor expunge single ones (UIDPLUS)');
  });

  it('says which folder is not there', async () => {
    const server = await startDovecot({ folders: { INBOX: [mailOf('one')] } });
    const missing = await read(server, ['@Reports', '@INBOX']);
    expect([missing.code, missing.stdout.match(/report-id/g)?.length]).toEqual([65, 1]);
    expect(missing.stderr).toMatch(
      /Reports cannot be read: the folder cannot be opened: Mailbox doesn't exist: Reports /,
    );
    const { code, stderr } = await read(server, ['--move', 'Done', '@INBOX']);
    expect(code).toBe(65);
    expect(stderr).toMatch(/mails cannot be moved to Done: Mailbox doesn't exist: Done\./);
  });

  it('says that the password is wrong, and never which one it was', async () => {
    const server = await startDovecot({ folders: {} });
    const passwordFile = join(scratchDirectory(), 'password');
    writeFileSync(passwordFile, 'wrong-one\n', { mode: 0o600 });
    const flags = ['--imap-password-file', passwordFile, '--imap-ca', server.caFile, '--log-level', 'debug'];
    const { code, stderr } = await read(server, ['@'], { flags });
    expect(code).toBe(65);
    expect(stderr).toMatch(/the login is refused: .*Authentication failed\.\n$/);
    expect(stderr).not.toContain('wrong-one');
  });

  it('refuses a certificate that nobody vouches for, also with STARTTLS', async () => {
    const server = await startDovecot({ folders: {} });
    const flags = ['--imap-password-file', server.passwordFile];
    const strange = await read(server, ['@'], { flags });
    expect(strange.code).toBe(65);
    expect(strange.stderr).toMatch(/the certificate of the server is not accepted: /);
    const starttls = await read(server, [`imap://${LOGIN}:${String(server.imapPort)}/`], { flags });
    expect([starttls.code, starttls.stderr]).toEqual([
      65,
      expect.stringMatching(/the certificate of the server is not accepted: /),
    ]);
  });

  it('takes imap:// with STARTTLS, or in clear on this machine where that is wanted', async () => {
    const server = await startDovecot({ folders: { INBOX: [mailOf('one')] } });
    const url = `imap://${LOGIN}:${String(server.imapPort)}/INBOX`;
    expect((await read(server, [url])).code).toBe(0);
    const flags = ['--imap-password-file', server.passwordFile, '--imap-tls', 'off'];
    expect((await read(server, [url], { flags })).code).toBe(0);
  });

  it('works the same as a single file', async () => {
    const server = await startDovecot({ folders: { 'Über & mehr': [mailOf('one')], Ünd: [] } });
    const url = `imaps://tls-reports@a.example@localhost:${String(server.imapsPort)}/${encodeURIComponent('Über & mehr')}`;
    const environment = {
      TLSRPT_READ_IMAP_CA: server.caFile,
      CREDENTIALS_DIRECTORY: scratchDirectory(),
      TLSRPT_STATE_DIR: scratchDirectory(),
    };
    writeFileSync(join(environment.CREDENTIALS_DIRECTORY, 'imap-password'), readFileSync(server.passwordFile));
    const ended = await runTlsrpt(['read', '--authserv-id', 'nobody', '--move', 'Ünd', url], { environment });
    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
    expect(server.flagsIn('Ünd')).toHaveLength(1);
    expect(ended.stdout).not.toContain(IMAP_PASSWORD);
  });
});
