import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SftpLocation } from '#adapters/sftp/parse-sftp-url.ts';
import { resolveSshHost } from '#adapters/sftp/ssh-host.ts';
import type { SftpOptions } from '#adapters/sftp/sftp-options.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

function resolve(
  config: string,
  location: Partial<SftpLocation> = {},
  options: SftpOptions = {},
): ReturnType<typeof resolveSshHost> & { readonly home: string } {
  const home = scratchDirectory();
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh', 'config'), config);
  const place = { user: undefined, host: 'mx1', port: undefined, path: '/', ...location };
  return { ...resolveSshHost(place, { ...options, home }), home };
}

describe('resolveSshHost', () => {
  it('takes what ssh takes when nothing is said about the host', () => {
    const { home, ...host } = resolve('Host other\n  Port 2222\n');
    expect(host).toEqual({
      kind: 'host',
      user: userInfo().username,
      host: 'mx1',
      port: 22,
      identityFiles: [join(home, '.ssh', 'id_ed25519'), join(home, '.ssh', 'id_rsa')],
      knownHostsFiles: [join(home, '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'],
    });
  });

  it('follows what is said about an alias', () => {
    const { home, ...host } = resolve(`
      Host mx?
        HostName %h.Example.com
        port 2222
        User "tls report"
        IdentityFile ~/keys/%h
        IdentityFile "%d/other key"
        UserKnownHostsFile ~/known /etc/known`);
    expect(host).toEqual({
      kind: 'host',
      user: 'tls report',
      host: 'mx1.example.com',
      port: 2222,
      identityFiles: [join(home, 'keys', 'mx1'), join(home, 'other key')],
      knownHostsFiles: [join(home, 'known'), '/etc/known', '/etc/ssh/ssh_known_hosts'],
    });
  });

  it('takes the first value that is said, and what the URL says before it', () => {
    const config = 'Host mx1\n  Port 2222\nHost *\n  Port 2223\n  User late\n';
    expect(resolve(config)).toMatchObject({ port: 2222, user: 'late' });
    expect(resolve(config, { port: 22, user: 'early' })).toMatchObject({ port: 22, user: 'early' });
  });

  it('takes the named file of known hosts alone', () => {
    const options = { knownHostsFile: '/known' };
    expect(resolve('UserKnownHostsFile /other\n', {}, options)).toMatchObject({ knownHostsFiles: ['/known'] });
  });

  it('takes the named configuration alone', () => {
    const sshConfigFile = join(scratchDirectory(), 'config');
    writeFileSync(sshConfigFile, 'Host mx1\n  User named\n');
    expect(resolve('User other\nPort 2222\n', {}, { sshConfigFile })).toMatchObject({ user: 'named', port: 22 });
  });

  it.each(['ProxyJump bastion', 'ProxyCommand ssh -W %h:%p bastion'])('refuses to go around %s', (line) => {
    expect(resolve(`Host mx1\n  ${line}\n`)).toMatchObject({
      kind: 'refused',
      advice: expect.stringContaining('ssh mx1 tlsrpt fetch --serve') as string,
    });
  });

  it('goes directly where the proxy is none', () => {
    expect(resolve('Host mx1\n  ProxyJump none\nHost *\n  ProxyJump bastion\n')).toMatchObject({ kind: 'host' });
  });

  it('runs nothing that the configuration names', () => {
    const mark = join(scratchDirectory(), 'ran');
    expect(resolve(`Match exec "touch ${mark}"\n  Port 2222\n`)).toMatchObject({ port: 22 });
  });

  it.each([
    ['a port that is none', 'Port many\n', {}],
    ['a quote that does not end', 'Host "mx1\n  Port 22\n', {}],
    ['a file that is not there', '', { sshConfigFile: '/nonexistent/config' }],
  ])('refuses %s, and names the file', (_, config, options) => {
    expect(resolve(config, {}, options)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('config') as string,
    });
  });
});
