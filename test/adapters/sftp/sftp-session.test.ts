import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SftpLocation } from '#adapters/sftp/parse-sftp-url.ts';
import type { SftpOptions } from '#adapters/sftp/sftp-options.ts';
import { openSftpSession } from '#adapters/sftp/sftp-session.ts';
import { makeKeyPair } from '#test/support/ssh2-server.ts';

describe('openSftpSession', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tlsrpt-sftp-'));
    mkdirSync(join(root, '.ssh'));
    writeFileSync(join(root, 'known_hosts'), '');
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function open(location: Partial<SftpLocation>, options: SftpOptions): ReturnType<typeof openSftpSession> {
    const defaults = { user: 'tlsrpt', host: '127.0.0.1', port: 1, path: '/' };
    const places = { knownHostsFile: join(root, 'known_hosts'), home: root, agentSocket: '' };
    return openSftpSession({ ...defaults, ...location }, { ...places, ...options });
  }

  it('is unreachable when what listens never answers', async () => {
    writeFileSync(join(root, '.ssh', 'id_ed25519'), makeKeyPair('ed25519').private);
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(await open({ port }, { readyTimeoutMs: 100 })).toMatchObject({ kind: 'unreachable' });
    silent.close();
  });

  it('is unreachable when the host has no address', async () => {
    writeFileSync(join(root, '.ssh', 'id_ed25519'), makeKeyPair('ed25519').private);
    expect(await open({ host: 'no-such-host.invalid' }, {})).toMatchObject({ kind: 'unreachable' });
  });

  it('is unreachable when what listens speaks another protocol', async () => {
    writeFileSync(join(root, '.ssh', 'id_ed25519'), makeKeyPair('ed25519').private);
    const other = createServer((socket) => socket.on('error', () => undefined).end('220 mx.example ESMTP\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await open({ port }, {})).toMatchObject({ kind: 'unreachable' });
    other.close();
  });

  it('refuses to go without any key', async () => {
    expect(await open({}, {})).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('no key to log in with') as string,
    });
  });

  it.each([
    ['that is not there', undefined, 'not there'],
    ['that is locked by a passphrase', lockedKey(), 'passphrase'],
    ['that is a public one', makeKeyPair('ed25519').public, 'public key'],
    ['that is none', 'no key\n', 'cannot be used'],
  ])('refuses an identity file %s', async (_, content, why) => {
    const identityFile = join(root, 'identity');
    if (content !== undefined) writeFileSync(identityFile, content);
    expect(await open({}, { identityFile })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(why) as string,
    });
  });

  it('does not fall back on an SSH agent when the named identity file is not there', async () => {
    const options = { identityFile: join(root, 'identity'), agentSocket: join(root, 'agent') };
    expect(await open({}, options)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('identity') as string,
    });
  });

  it('leaves a locked identity file to the SSH agent', async () => {
    const options = { identityFile: join(root, 'identity'), agentSocket: join(root, 'agent') };
    writeFileSync(options.identityFile, lockedKey());
    expect(await open({}, options)).toMatchObject({ kind: 'unreachable' }); // it went as far as the network
  });

  it('refuses to go without known hosts that it may read', async () => {
    expect(await open({}, { knownHostsFile: root })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(root) as string,
    });
  });
});

function lockedKey(): string {
  return ssh2.utils.generateKeyPairSync('ed25519', { passphrase: 'secret', cipher: 'aes256-ctr', rounds: 4 }).private;
}
