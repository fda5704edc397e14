import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportMail } from '#test/support/inbound-mails.ts';
import { documentAbout } from '#test/support/noticed-reports.ts';
import { notifiedHost } from '#test/support/notified-host.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

function runWith(configuration: string, ...words: readonly string[]): ReturnType<typeof run> {
  return run(words, { environment: { TLSRPT_CONFIG: configuration } });
}

describe('tlsrpt notify', () => {
  it('tries each way with --test, and says what became of it', async () => {
    const host = await notifiedHost();
    const good = await runWith(host.configuration, 'notify', '--test');
    expect([good.code, good.stderr]).toEqual([0, '']);
    expect(good.stdout.trimEnd().split('\n').sort()).toEqual([
      expect.stringMatching(/^told by mail to admin@a\.example: 250 /),
      `told by the command ${join(host.directory, 'tell')}: it ended with 0`,
      `told by the webhook at localhost:${String(host.webServer.port)}: HTTP 204 No Content`,
    ]);
    expect(host.mailServer.mails[0]?.raw).toMatch(/^Subject: Test notice of tlsrpt on /m);
    expect(JSON.parse(host.webServer.requests[0]?.body.toString() ?? '')).toMatchObject({ kind: 'test' });
    host.answer(404);
    const bad = await runWith(host.configuration, 'notify', '--test');
    expect([bad.code, bad.stdout]).toEqual([75, expect.stringMatching(/^not told by the webhook at localhost:/m)]);
  });

  it('tells once a week as well what was reported in it, where that is wanted', async () => {
    const directory = scratchDirectory();
    const [stateDir, told] = [join(directory, 'state'), join(directory, 'told')];
    writeFileSync(join(directory, 'a.json'), JSON.stringify(documentAbout('2026-03-18', 5)));
    const words = [
      'read',
      '--store',
      '--notify',
      '--notify-weekly',
      '--notify-command',
      `/usr/bin/tee -a ${told}`,
      directory,
    ];
    for (const nowMs of [Date.UTC(2026, 2, 25), Date.UTC(2026, 2, 26)])
      expect((await run(words, { stateDir, nowMs })).code).toBe(0);
    expect(readFileSync(told, 'utf8').match(/^ {2}"kind": .*$/gm)).toEqual([
      '  "kind": "inbound-failures",',
      '  "kind": "week",',
    ]);
  });

  it('ends so that it is run again where nobody could be told, whatever else cannot be read', async () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'a.json'), JSON.stringify(documentAbout('2026-03-18', 5)));
    writeFileSync(join(directory, 'stranger.eml'), reportMail({ content: Buffer.from('{') }));
    const words = ['read', '--store', '--notify', '--notify-command', '/bin/false', directory];
    const { code, stderr } = await run(words, { nowMs: Date.UTC(2026, 2, 20) });
    expect(stderr).toMatch(/report-unreadable: .*stranger\.eml cannot be read[^]*notice-not-told: /);
    expect(code).toBe(75);
  });

  it('tells by sendmail where mails go that way', async () => {
    const directory = scratchDirectory();
    const configuration = join(directory, 'tlsrpt.toml');
    const sendmail = `/bin/sh -c 'echo "$@" > ${directory}/words; cat > ${directory}/mail' sh`;
    writeFileSync(
      configuration,
      `[report]\ncontact = "tls@a.example"\n[send]\nsendmail = ${JSON.stringify(sendmail)}\n`,
    );
    const { code, stdout } = await runWith(configuration, 'notify', '--test', '--notify-mail', 'admin@a.example');
    expect([code, stdout]).toEqual([0, 'told by mail to admin@a.example: handed to /bin/sh\n']);
  });

  it.each([
    [['notify', '--test'], 64, 'usage-error: Nobody would be told: set notify.mail, notify.webhook or notify.command'],
    [['notify'], 64, 'usage-error: Nobody would be told'],
    [['read', '--store', '--notify'], 64, 'usage-error: Nobody would be told'],
    [['read', '--notify', '--notify-mail', 'a@a.example'], 64, 'usage-error: --notify goes with --store'],
    [['read', '--store', '--notify-mail', 'a@a.example'], 64, 'usage-error: --notify-mail goes with --notify'],
    [['notify', '--notify-webhook', 'http://a.example/'], 64, 'must be of the form https://host[:port]/path'],
    [['notify', '--notify-webhook-file', '/nowhere'], 78, 'notify.webhook_file: /nowhere cannot be read (ENOENT)'],
    [['notify', '--notify-command', 'tell | mail'], 64, 'must be a command that is run without a shell'],
  ] as const)('refuses %j', async (words, code, message) => {
    const ended = await run(words, { stateDir: join(scratchDirectory(), 'state') });
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(message)]);
  });

  it('refuses a file with a URL that others can read, or that is none, and shows nothing of it', async () => {
    const file = join(scratchDirectory(), 'webhook');
    writeFileSync(file, 'https://a.example/secret', { mode: 0o644 });
    expect((await run(['notify', '--notify-webhook-file', file])).stderr).toMatch(/has the mode 0644/);
    const other = join(scratchDirectory(), 'webhook');
    writeFileSync(other, 'http://a.example/secret', { mode: 0o600 });
    const { code, stderr } = await run(['notify', '--notify-webhook-file', other]);
    expect([code, stderr]).toEqual([78, expect.not.stringContaining('secret')]);
  });
});
