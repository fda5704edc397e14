import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CollectedDays } from '#test/support/collected-days.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { install, moved } from '#test/support/sys4-installation.ts';
import { configurationFile } from '../../../scripts/package/configuration-file.ts';

describe('the files that tlsrpt import sys4 writes', () => {
  it('puts a password that it finds into a file that nobody else can read, and shows it nowhere', async () => {
    const directory = await install({
      more: 'http_script = curl -s --proxy http://reports:hunter2@proxy.example:3128 --data-binary @-\n',
    });
    const secret = join(directory, 'https-proxy-password');
    const { store } = await CollectedDays.make();
    const dry = await moved(directory, store.path, '--dry-run');
    expect([dry.stdout.includes(`${secret}: would be written\n`), existsSync(secret)]).toEqual([true, false]);
    const { code, stdout, stderr } = await moved(directory, store.path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`${secret}: written\n`);
    expect([readFileSync(secret, 'utf8'), statSync(secret).mode & 0o777]).toEqual(['hunter2\n', 0o600]);
    const configuration = readFileSync(join(directory, 'tlsrpt.toml'), 'utf8');
    expect(configuration).toContain('https_proxy = "http://proxy.example:3128"\nhttps_proxy_user = "reports"\n');
    expect(configuration).toContain(`https_proxy_password_file = "${secret}"\n`);
    expect(configuration + stdout + dry.stdout).not.toContain('hunter2');
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('follows no link that whoever owns the directory has put where a file is built', async () => {
    const directory = await install({ more: 'debug_send_mail_dest = test@sender.example\n' });
    const victim = join(scratchDirectory(), 'victim');
    writeFileSync(victim, 'untouched');
    const files = ['tlsrpt.toml', 'debug_send_mail_dest.map'];
    for (const name of files) symlinkSync(victim, join(directory, `.${name}.tmp`));
    const { store } = await CollectedDays.make();
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    for (const name of files) expect(lstatSync(join(directory, name)).isFile()).toBe(true);
  });

  it('take the place of the configuration that a package installs, which sets nothing', async () => {
    const directory = await install({ more: 'debug_send_mail_dest = test@sender.example\n' });
    const path = join(directory, 'tlsrpt.toml');
    writeFileSync(path, configurationFile());
    const { store } = await CollectedDays.make();
    const { code, stdout } = await moved(directory, store.path);
    expect([code, stdout.includes(`${path}: written\n`)]).toEqual([0, true]);
    expect(readFileSync(path, 'utf8')).toContain(`mail_map = "${directory}/debug_send_mail_dest.map"\n`);
  });

  it('leave a configuration that sets anything as it is, and the output names what it lacks', async () => {
    const directory = await install({ more: 'debug_send_mail_dest = test@sender.example\nkeep_days = 20\n' });
    const path = join(directory, 'tlsrpt.toml');
    const content = `keep_days = 30\n${configurationFile()}`;
    writeFileSync(path, content);
    const { store } = await CollectedDays.make();
    const { code, stdout } = await moved(directory, store.path);
    expect(code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(stdout).toContain(`${path}: is there already and stays as it is\n`);
    expect(stdout).toContain(
      `${path}: lacks report.mail_map = "${directory}/debug_send_mail_dest.map", a file with the line . REPLACE mailto:test@sender.example\n`,
    );
    expect(stdout).not.toContain('keep_days');
  });

  it('do not pass for all, where a program is configured in a file of another name', async () => {
    const directory = await install({});
    const { store } = await CollectedDays.make();
    expect((await moved(directory, store.path, '--dry-run')).stdout).not.toContain('nothing of it is moved');
    renameSync(join(directory, 'reportd.cfg'), join(directory, 'reporter.cfg'));
    const { code, stdout, stderr } = await moved(directory, store.path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      'tlsrpt-reportd: nothing of it is moved, as neither collectd.cfg, fetcher.cfg, reportd.cfg nor a variable configures it\n',
    );
    expect(stdout).not.toContain('tlsrpt-collectd: ');
  });

  it.each(['/nonexistent/fetch', './fetch', 'opt/fetch'])(
    'are none when the fetcher %s is no command that fetch could run, and it is named',
    async (fetcher) => {
      const directory = await install({ fetchers: `fetchers = ssh mx1 tlsrpt-fetcher, ${fetcher}` });
      for (const words of [['--dry-run'], []]) {
        const said = ['--other-fetcher', fetcher, ...words];
        const { code, stdout, stderr } = await moved(directory, scratchDirectory(), ...said);
        expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
        expect(stderr).toContain(`the fetcher ${fetcher} is no command that can be run on this host`);
      }
      expect(existsSync(join(directory, 'tlsrpt.toml'))).toBe(false);
    },
  );
});
