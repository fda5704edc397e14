import { randomBytes, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '#adapters/sftp/known-hosts.ts';
import type { SftpLocation } from '#adapters/sftp/parse-sftp-url.ts';
import type { SftpOptions } from '#adapters/sftp/sftp-options.ts';
import { sftpSource } from '#adapters/sftp/sftp-source.ts';
import type { CopyResult } from '#pipeline/fetch/state-source.ts';
import { describeStateSource } from '#test/contracts/state-source.contract.ts';
import { startRelay } from '#test/support/relay.ts';
import type { SftpServer, SftpServerWish } from '#test/support/sftp-server.ts';
import { sftpServers } from '#test/support/sftp-servers.ts';
import { startAgent } from '#test/support/ssh-agent.ts';
import { makeKeyPair } from '#test/support/ssh2-server.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

for (const { name, start } of sftpServers) {
  describeStateSource(`SFTP from ${name}`, async ({ directory, maxBytes }) => {
    const keys = mkdtempSync(join(tmpdir(), 'tlsrpt-sftp-keys-'));
    const server = await start({ directory: keys });
    const options = { ...optionsFor(server, keys), ...(maxBytes === undefined ? {} : { maxBytes }) };
    return {
      source: sftpSource(locationOf(server, directory), options),
      stop: async () => {
        await server.kill();
        rmSync(keys, { recursive: true });
      },
    };
  });

  describe(`SFTP from ${name}`, () => {
    let root: string;
    let directory: string;
    let into: string;
    const ends: (() => Promise<void>)[] = [];

    async function startServer(wish: Pick<SftpServerWish, 'hostKeyTypes'> = {}): Promise<SftpServer> {
      const server = await start({ directory: mkdtempSync(join(root, 'keys-')), ...wish });
      ends.push(() => server.kill());
      return server;
    }

    function copyFrom(
      server: SftpServer,
      options: SftpOptions,
      location: Partial<SftpLocation> = {},
    ): Promise<CopyResult> {
      return sftpSource({ ...locationOf(server, directory), ...location }, options).copyDay(DAY, into);
    }

    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'tlsrpt-sftp-'));
      directory = join(root, 'state');
      into = join(root, 'copy');
      mkdirSync(join(directory, 'sessions'), { recursive: true });
      writeFileSync(join(directory, 'sessions', `${DAY}.sqlite`), 'a snapshot');
    });

    afterEach(async () => {
      for (const end of ends.splice(0)) await end();
      rmSync(root, { recursive: true });
    });

    it('refuses a host that is not known, with its fingerprint and the command that adds it', async () => {
      const server = await startServer();
      const options = optionsFor(server, root);
      writeFileSync(join(root, 'known_hosts'), '');
      expect(await copyFrom(server, options)).toEqual({
        kind: 'refused',
        why: `its host key, ${fingerprintOf(keyOf(server.hostKeys[0]))}, is not known`,
        advice: expect.stringContaining(
          `ssh-keyscan -p ${String(server.port)} 127.0.0.1 >> ${join(root, 'known_hosts')}`,
        ) as string,
      });
    });

    it('refuses a host when there is no file of known hosts', async () => {
      const server = await startServer();
      const options = { ...optionsFor(server, root), knownHostsFile: join(root, 'none') };
      expect(await copyFrom(server, options)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('not known') as string,
      });
    });

    it('refuses a host whose key is not the one it is known by', async () => {
      const server = await startServer();
      const options = optionsFor(server, root);
      writeKnownHosts(root, `[127.0.0.1]:${String(server.port)} ${makeKeyPair('ed25519').public}`);
      expect(await copyFrom(server, options)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('not the one it is known by') as string,
        advice: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${String(server.port)}'`) as string,
      });
    });

    it('refuses a host whose key is revoked', async () => {
      const server = await startServer();
      const options = optionsFor(server, root);
      const line = `[127.0.0.1]:${String(server.port)} ${server.hostKeys[0] ?? ''}`;
      writeKnownHosts(root, line, `@revoked ${line}`);
      expect(await copyFrom(server, options)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('revoked') as string,
      });
    });

    it('recognises a host by its hashed name', async () => {
      const server = await startServer();
      const options = optionsFor(server, root);
      writeKnownHosts(root, `${hashed(`[127.0.0.1]:${String(server.port)}`)} ${server.hostKeys[0] ?? ''}`);
      expect(await copyFrom(server, options)).toEqual({ kind: 'copied', journal: false });
    });

    it('recognises a host with several keys by any one of them', async () => {
      const server = await startServer({ hostKeyTypes: ['ed25519', 'rsa'] });
      const options = optionsFor(server, root);
      for (const key of server.hostKeys) {
        writeKnownHosts(root, `[127.0.0.1]:${String(server.port)} ${key}`);
        expect(await copyFrom(server, options)).toEqual({ kind: 'copied', journal: false });
      }
    });

    it('refuses a key that does not let the user in, and says which was tried', async () => {
      const server = await startServer();
      const identityFile = join(root, 'other_key');
      writeFileSync(identityFile, makeKeyPair('ed25519').private);
      const result = await copyFrom(server, { ...optionsFor(server, root), identityFile });
      expect(result).toMatchObject({ kind: 'refused', why: `it does not let ${server.user} in with ${identityFile}` });
    });

    it('refuses a user that the server does not know', async () => {
      const server = await startServer();
      const result = await copyFrom(server, optionsFor(server, root), { user: 'nobody-of-that-name' });
      expect(result).toMatchObject({ kind: 'refused', why: expect.stringContaining('nobody-of-that-name') as string });
    });

    it('logs in with a key from ~/.ssh when none is named', async () => {
      const server = await startServer();
      mkdirSync(join(root, '.ssh'));
      writeFileSync(join(root, '.ssh', 'id_ed25519'), readFileSync(server.identityFile));
      const { knownHostsFile, agentSocket } = optionsFor(server, root);
      expect(await copyFrom(server, { knownHostsFile, agentSocket, home: root })).toEqual({
        kind: 'copied',
        journal: false,
      });
    });

    it('logs in with a key that only an SSH agent holds', async () => {
      const server = await startServer();
      const agent = await startAgent(join(root, 'agent'), readFileSync(server.identityFile, 'utf8'));
      ends.push(() => agent.stop());
      const { knownHostsFile } = optionsFor(server, root);
      const result = await copyFrom(server, { knownHostsFile, agentSocket: join(root, 'agent'), home: root });
      expect(result).toEqual({ kind: 'copied', journal: false });
    });

    it('is unreachable, with a copy that is not used, when the server is killed in mid-transfer', async () => {
      writeFileSync(join(directory, 'sessions', `${DAY}.sqlite`), randomBytes(8_000_000));
      const server = await startServer();
      const relay = await startRelay(server.port, { afterBytes: 1_000_000, onFault: () => void server.kill() });
      ends.push(() => relay.stop());
      const options = optionsFor({ ...server, port: relay.port }, root);
      expect(await copyFrom(server, options, { port: relay.port })).toMatchObject({ kind: 'unreachable' });
    });

    it('is unreachable when the server falls silent in mid-transfer', async () => {
      writeFileSync(join(directory, 'sessions', `${DAY}.sqlite`), randomBytes(8_000_000));
      const server = await startServer();
      const relay = await startRelay(server.port, { afterBytes: 1_000_000 });
      ends.push(() => relay.stop());
      const options = { ...optionsFor({ ...server, port: relay.port }, root), silenceTimeoutMs: 1_000 };
      expect(await copyFrom(server, options, { port: relay.port })).toEqual({
        kind: 'unreachable',
        why: 'the server was silent for 1 s',
      });
    });

    it('is unreachable when nobody listens', async () => {
      const server = await startServer();
      const options = optionsFor(server, root);
      await server.kill();
      expect(await copyFrom(server, options)).toMatchObject({
        kind: 'unreachable',
        why: expect.stringMatching(/./) as string,
      });
    });
  });
}

describe('SFTP', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tlsrpt-sftp-'));
    mkdirSync(join(root, '.ssh'));
    writeFileSync(join(root, 'known_hosts'), '');
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function copy(location: Partial<SftpLocation>, options: SftpOptions): Promise<CopyResult> {
    const defaults = { user: 'tlsrpt', host: '127.0.0.1', port: 1, path: '/' };
    const source = sftpSource(
      { ...defaults, ...location },
      { knownHostsFile: join(root, 'known_hosts'), home: root, agentSocket: '', ...options },
    );
    return source.copyDay(DAY, join(root, 'copy'));
  }

  it('is unreachable when what listens never answers', async () => {
    writeFileSync(join(root, '.ssh', 'id_ed25519'), makeKeyPair('ed25519').private);
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(await copy({ port }, { readyTimeoutMs: 100 })).toMatchObject({ kind: 'unreachable' });
    silent.close();
  });

  it('is unreachable when the host has no address', async () => {
    writeFileSync(join(root, '.ssh', 'id_ed25519'), makeKeyPair('ed25519').private);
    expect(await copy({ host: 'no-such-host.invalid' }, {})).toMatchObject({ kind: 'unreachable' });
  });

  it('is unreachable when what listens speaks another protocol', async () => {
    writeFileSync(join(root, '.ssh', 'id_ed25519'), makeKeyPair('ed25519').private);
    const other = createServer((socket) => socket.on('error', () => undefined).end('220 mx.example ESMTP\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await copy({ port }, {})).toMatchObject({ kind: 'unreachable' });
    other.close();
  });

  it('refuses to go without any key', async () => {
    expect(await copy({}, {})).toMatchObject({
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
    expect(await copy({}, { identityFile })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(why) as string,
    });
  });

  it('does not fall back on an SSH agent when the named identity file is not there', async () => {
    const options = { identityFile: join(root, 'identity'), agentSocket: join(root, 'agent') };
    expect(await copy({}, options)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('identity') as string,
    });
  });

  it('leaves a locked identity file to the SSH agent', async () => {
    const options = { identityFile: join(root, 'identity'), agentSocket: join(root, 'agent') };
    writeFileSync(options.identityFile, lockedKey());
    expect(await copy({}, options)).toMatchObject({ kind: 'unreachable' }); // it went as far as the network
  });

  it('refuses to go without known hosts that it may read', async () => {
    expect(await copy({}, { knownHostsFile: root })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(root) as string,
    });
  });
});

function locationOf({ user, port }: SftpServer, path: string): SftpLocation {
  return { user, host: '127.0.0.1', port, path };
}

/** With the server's host keys written to `directory`/known_hosts. */
function optionsFor(
  { port, identityFile, hostKeys }: SftpServer,
  directory: string,
): SftpOptions & { knownHostsFile: string; agentSocket: string } {
  writeKnownHosts(directory, ...hostKeys.map((key) => `[127.0.0.1]:${String(port)} ${key}`));
  return { identityFile, knownHostsFile: join(directory, 'known_hosts'), agentSocket: '', home: directory };
}

function writeKnownHosts(directory: string, ...lines: readonly string[]): void {
  writeFileSync(join(directory, 'known_hosts'), `${lines.join('\n')}\n`);
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function keyOf(line = ''): Buffer {
  return Buffer.from(line.split(' ')[1] ?? '', 'base64');
}

function lockedKey(): string {
  return ssh2.utils.generateKeyPairSync('ed25519', { passphrase: 'secret', cipher: 'aes256-ctr', rounds: 4 }).private;
}
