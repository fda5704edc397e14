import { execFileSync, spawnSync } from 'node:child_process';
import type { SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '#config/load-settings.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { bashCompletion, fishCompletion, zshCompletion } from '../../scripts/package/completions.ts';
import { configurationFile } from '../../scripts/package/configuration-file.ts';
import { tarOf } from '../../scripts/package/tar.ts';
import { tarball } from '../../scripts/package/tarball.ts';

const EDITION = { version: '1.2.3', date: '2026-11-20', timeS: 1_795_132_800 };
const NOTHING = { environment: {}, flags: {} };

describe('The configuration file of the package', () => {
  it('changes nothing as it is installed', () => {
    const content = configurationFile();
    const before = loadSettings({ ...NOTHING, file: undefined });
    expect(loadSettings({ ...NOTHING, file: { path: 'tlsrpt.toml', content } })).toEqual(before);
  });

  it('is TOML also where every setting is set', () => {
    const uncommented = configurationFile().replace(/^#(?=\w+ = )/gm, '');
    expect(parse(uncommented)).toMatchObject({ keep_days: 30, report: { mx_hosts: true }, send: { parallel: 20 } });
  });
});

describe('The completion of the package', () => {
  it.each([
    ['set', ['setup']],
    ['setup p', ['postfix']],
    ['suppress ', ['add', 'remove', 'list', '--until']],
    ['import ', ['sys4', '--dry-run']],
    ['report --del', ['--deliver']],
  ])('is what bash offers behind %j', (typed, offered) => {
    const words = ['tlsrpt', ...typed.split(' ')];
    const ask = `${bashCompletion()}
      COMP_WORDS=("$@"); COMP_CWORD=${String(words.length - 1)}; _tlsrpt; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const answers = execFileSync('bash', ['-c', ask, 'bash', ...words], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(answers).toEqual(expect.arrayContaining(offered));
  });

  it('has the words of a command for zsh and fish too', () => {
    expect(zshCompletion()).toContain("'1:word:(add remove list)'");
    expect(fishCompletion()).toContain("-f -a 'add remove list'");
  });
});

describe('An archive of the package', () => {
  it('is one that tar reads: each file with its mode, below its directories', () => {
    const folder = scratchDirectory();
    const content = Buffer.from('#!/bin/sh\necho it runs\n');
    const entries = [
      { path: 'a/b/run', mode: 0o755, content },
      { path: 'a/empty', mode: 0o644, content: Buffer.alloc(0) },
    ];
    writeFileSync(join(folder, 'x.tar'), tarOf(entries, 1_795_132_800, 'top/'));
    const listed = execFileSync('tar', ['-tf', 'x.tar'], { cwd: folder, encoding: 'utf8' });
    expect(listed.trim().split('\n')).toEqual(['top/a/', 'top/a/b/', 'top/a/b/run', 'top/a/empty']);
    execFileSync('tar', ['-xf', 'x.tar'], { cwd: folder });
    expect(execFileSync(join(folder, 'top/a/b/run'), { encoding: 'utf8' })).toBe('it runs\n');
  });
});

type Install = (environment: Readonly<Record<string, string>>, ...words: readonly string[]) => SpawnSyncReturns<string>;

/** The script of the tarball, unpacked. */
function unpackedInstall(folder = unpacked()): Install {
  return (environment, ...words) => {
    const env = { PATH: process.env['PATH'], ...environment };
    return spawnSync(join(folder, 'install'), words, { env, encoding: 'utf8' });
  };
}

function unpacked(): string {
  const folder = scratchDirectory();
  writeFileSync(join(folder, 'x.tar.gz'), tarball(EDITION));
  execFileSync('tar', ['-xzf', 'x.tar.gz'], { cwd: folder });
  return join(folder, 'tlsrpt-1.2.3');
}

/** Where no file can be larger than 4 KiB: it is cut there, as on a disk that fills. */
function installOnFullDisk(folder: string, root: string): SpawnSyncReturns<string> {
  const env = { PATH: process.env['PATH'], DESTDIR: root };
  return spawnSync('sh', ['-c', 'ulimit -f 8; exec "$0"', join(folder, 'install')], { env, encoding: 'utf8' });
}

function filesBelow(root: string): string[] {
  return execFileSync('find', ['.', '-type', 'f'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('The tarball', () => {
  it.each([
    ['/usr/local', '/usr/local/lib/systemd/system/tlsrpt.service', '/usr/local/lib/tmpfiles.d/tlsrpt.conf'],
    ['/usr/local/', '/usr/local/lib/systemd/system/tlsrpt.service', '/usr/local/lib/tmpfiles.d/tlsrpt.conf'],
    ['/opt/tlsrpt', '/etc/systemd/system/tlsrpt.service', '/etc/tmpfiles.d/tlsrpt.conf'],
  ])('installs below %s what systemd finds, twice, and takes it away', (prefix, unit, temporary) => {
    const [install, root] = [unpackedInstall(), scratchDirectory()];
    const environment = { PREFIX: prefix, DESTDIR: root };
    expect([install(environment), install(environment)].map(({ status, stderr }) => [status, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const executable = `${prefix.replace(/\/$/, '')}/bin/tlsrpt`;
    expect(readFileSync(join(root, unit), 'utf8')).toContain(`ExecStart=${executable} collect\n`);
    const textOf = (name: string): string =>
      readFileSync(join(dirname(join(root, unit)), `tlsrpt-${name}.service`), 'utf8');
    expect(textOf('publish')).toContain(`ExecStart=${executable} publish --follow\n`);
    for (const name of ['publish', 'fetch', 'report'])
      expect(textOf(name)).toContain('\nLoadCredential=cluster-password:tlsrpt.cluster-password\n');
    expect(existsSync(join(root, temporary))).toBe(true);
    expect((statSync(join(root, prefix, 'bin/tlsrpt')).mode & 0o777).toString(8)).toBe('755');
    writeFileSync(join(root, 'etc/tlsrpt/tlsrpt.toml'), '# ours\n');
    expect(install(environment).status).toBe(0);
    expect(install(environment, '--remove').status).toBe(0);
    expect(filesBelow(root)).toEqual(['./etc/tlsrpt/tlsrpt.toml']);
    expect(existsSync(join(root, prefix, 'share/tlsrpt'))).toBe(false);
    expect(readFileSync(join(root, 'etc/tlsrpt/tlsrpt.toml'), 'utf8')).toBe('# ours\n');
  });

  it('leaves no part of a configuration file where the disk is full, so the next run installs all of it', () => {
    const [folder, root] = [unpacked(), scratchDirectory()];
    rmSync(join(folder, 'tree'), { recursive: true });
    mkdirSync(join(folder, 'tree'));
    const { status, stderr } = installOnFullDisk(folder, root);
    expect(status).toBe(73);
    expect(stderr).toContain(`install: ${root}/etc/tlsrpt/tlsrpt.toml cannot be written, and is as it was.`);
    expect(filesBelow(root)).toEqual([]);
    expect(unpackedInstall(folder)({ DESTDIR: root }).status).toBe(0);
    expect(readFileSync(join(root, 'etc/tlsrpt/tlsrpt.toml'), 'utf8')).toBe(configurationFile());
  });

  it('leaves the executable of before where the disk is full', () => {
    const [folder, root] = [unpacked(), scratchDirectory()];
    expect(unpackedInstall(folder)({ DESTDIR: root }).status).toBe(0);
    const executable = join(root, 'usr/local/bin/tlsrpt');
    writeFileSync(executable, '#!/bin/sh\n');
    expect(installOnFullDisk(folder, root).status).toBe(73);
    expect(readFileSync(executable, 'utf8')).toBe('#!/bin/sh\n');
    expect(filesBelow(root).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('takes away what a run that was killed has left', () => {
    const [install, root] = [unpackedInstall(), scratchDirectory()];
    install({ DESTDIR: root });
    writeFileSync(join(root, 'usr/local/bin/.tlsrpt.tmp'), '');
    install({ DESTDIR: root }, '--remove');
    expect(filesBelow(root)).toEqual(['./etc/tlsrpt/tlsrpt.toml']);
  });

  it.runIf(process.getuid?.() === 0)('leaves units and Postfix to a Debian package that is there too', () => {
    const [folder, place] = [unpacked(), scratchDirectory()];
    writeFileSync(join(place, 'systemctl'), `#!/bin/sh\necho "$@" >>${place}/calls\n`, { mode: 0o755 });
    // What is changed is changed in a copy that nobody else sees.
    const script = `set -e
      cp -a /etc ${place}/etc && mount --bind ${place}/etc /etc
      mount -t tmpfs none /run && mkdir -p /run/systemd/system
      mount -t tmpfs none /usr/lib/systemd/system && : >/usr/lib/systemd/system/tlsrpt.service
      DESTDIR=/ ${folder}/install
      echo '#!/bin/sh' >$PREFIX/bin/tlsrpt && echo 'echo "$@" >>${place}/calls' >>$PREFIX/bin/tlsrpt
      exec ${folder}/install --remove`;
    const env = { PATH: `${place}:${process.env['PATH'] ?? ''}`, PREFIX: join(place, 'prefix') };
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe('Removed. What the Debian package has installed runs from now on.\n');
    const calls = readFileSync(join(place, 'calls'), 'utf8').split('\n');
    const units = ['tlsrpt.socket', 'tlsrpt.service', 'tlsrpt-report.timer', 'tlsrpt-send.timer'].concat(
      'tlsrpt-fetch.timer',
      'tlsrpt-serve.service',
      'tlsrpt-publish.service',
      'tlsrpt-watch.service',
    );
    expect(calls.filter((call) => !/is-(enabled|active)/.test(call))).toEqual([
      'daemon-reload',
      ...units.map((unit) => `reenable ${unit}`),
      ...units.slice(1).map((unit) => `restart ${unit}`),
      '',
    ]);
    expect(existsSync(join(place, 'etc/systemd/system/tlsrpt.service'))).toBe(false);
  });

  it('refuses what it does not know before it does anything', () => {
    const [install, root] = [unpackedInstall(), scratchDirectory()];
    const runs = [
      install({ DESTDIR: root, PREFIX: 'opt' }),
      install({ DESTDIR: root, PREFIX: '/opt/a|b' }),
      install({ DESTDIR: root }, '--uninstall'),
    ];
    expect(runs.map(({ status }) => status)).toEqual([64, 64, 64]);
    expect(readdirSync(root)).toEqual([]);
  });
});
