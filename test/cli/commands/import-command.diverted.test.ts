import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { built, deliveriesOn, install, moved, seen } from '#test/support/sys4-installation.ts';

describe('tlsrpt import sys4, of programs that may have sent reports elsewhere', () => {
  it('delivers what waits where the old programs diverted it, and not to those whom the records name', async () => {
    const yesterday = seen('a.example', 2);
    const deliveries = {
      'mailto:sent@a.example': 'sent',
      'mailto:tls@a.example': null,
      'mailto:two@a.example': null,
      'https://a.example/': null,
      'https://given-up.a.example/': 'timedout',
    };
    const directory = await install({
      yesterday,
      reports: [built(yesterday, 'a.example', deliveries)],
      more: 'debug_send_mail_dest = test@sender.example\ndebug_send_http_dest = http://localhost/\ndebug_send_file_dest = /srv/copies\n',
    });
    const { store } = await CollectedDays.make();
    const { code, stdout } = await moved(directory, store.path);
    expect(code).toBe(0);
    expect(stdout).toContain('reports about 2026-11-19 in');
    expect(await deliveriesOn(store.path, DAY)).toEqual([
      'directory:/srv/copies queued',
      'mailto:test@sender.example queued',
    ]);
  });

  it('writes nothing when what the old programs diverted reports to is no address', async () => {
    const directory = await install({ more: 'debug_send_mail_dest = nobody\n' });
    const { code, stderr } = await moved(directory, scratchDirectory());
    expect(code).toBe(78);
    expect(stderr).toContain(`${directory}/debug_send_mail_dest.map:1: mailto:nobody cannot be used`);
    expect(existsSync(join(directory, 'tlsrpt.toml'))).toBe(false);
  });

  it.each([
    ['sendmail_script', '/usr/local/bin/to-test-inbox'],
    ['sendmail_script', 'sendmail -i test@sender.example'],
    ['sendmail_script', 'cat > /dev/null'],
    ['http_script', '/usr/local/bin/keep'],
    ['http_script', 'curl --silent --connect-to ::sink.example:443 --data-binary @-'],
  ])('writes nothing when %s = %s may send reports elsewhere than here would be done', async (key, script) => {
    const yesterday = seen('a.example', 2);
    const reports = [built(yesterday, 'a.example', { 'mailto:tls@a.example': null })];
    const directory = await install({ yesterday, reports, more: `${key} = ${script}\n` });
    const stateDir = scratchDirectory();
    for (const words of [['--dry-run'], []]) {
      const { code, stdout, stderr } = await moved(directory, stateDir, ...words);
      expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
      expect(stderr).toContain(`${directory}/reportd.cfg: ${key} = ${script}`);
    }
    expect([existsSync(join(directory, 'tlsrpt.toml')), readdirSync(stateDir)]).toEqual([false, []]);
  });

  it.each([
    ['http_script = curl -u reports:hunter2 https://sink.example/', 'curl -u *** https://sink.example/'],
    ['fetchers = sshpass -p hunter2 ssh mx1 tlsrpt-fetcher', 'sshpass -p *** ssh mx1 tlsrpt-fetcher'],
    ["sendmail_script = msmtp --passwordeval='echo hunter2'", 'msmtp --passwordeval=***'],
  ])('writes nothing, and shows no password, when there is one in %s', async (line, shown) => {
    const directory = await install(line.startsWith('fetchers') ? { fetchers: line } : { more: `${line}\n` });
    const { code, stdout, stderr } = await moved(directory, scratchDirectory());
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toContain(shown);
    expect(stderr).not.toContain('hunter2');
    expect(existsSync(join(directory, 'tlsrpt.toml'))).toBe(false);
  });

  it('goes by the configuration that is there when it cannot know where a command sent mails', async () => {
    const yesterday = seen('a.example', 2);
    const reports = [built(yesterday, 'a.example', { 'mailto:tls@a.example': null, 'https://a.example/': null })];
    const directory = await install({ yesterday, reports, more: 'sendmail_script = /usr/local/bin/to-test-inbox\n' });
    writeFileSync(join(directory, 'mail.map'), '. REPLACE mailto:test@sender.example\n');
    writeFileSync(join(directory, 'tlsrpt.toml'), `[report]\nmail_map = "${directory}/mail.map"\n`);
    const { store } = await CollectedDays.make();
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    expect(await deliveriesOn(store.path, DAY)).toEqual([
      'https://a.example/ queued',
      'mailto:test@sender.example queued',
    ]);
  });

  it('needs no decision about a command that a debug setting leaves nothing to divert', async () => {
    const more = 'sendmail_script = /usr/local/bin/mailer\ndebug_send_mail_dest = test@sender.example\n';
    const { store } = await CollectedDays.make();
    expect(await moved(await install({ more }), store.path)).toMatchObject({ code: 0, stderr: '' });
  });
});
