import { randomBytes, createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

    it('finds a host by its alias in the SSH configuration', async () => {
      const server = await startServer();
      const { knownHostsFile, agentSocket } = optionsFor(server, root);
      const sshConfigFile = join(root, 'config');
      const lines = ['Host mx1', 'HostName 127.0.0.1', `Port ${String(server.port)}`, `User ${server.user}`];
      const keys = [`IdentityFile ${server.identityFile}`, `UserKnownHostsFile ${knownHostsFile}`];
      writeFileSync(sshConfigFile, [...lines, ...keys].join('\n  '));
      const location = { user: undefined, host: 'mx1', port: undefined };
      const result = await copyFrom(server, { sshConfigFile, agentSocket, home: root }, location);
      expect(result).toEqual({ kind: 'copied', journal: false });
    });

    it('goes on where it stopped when the connection breaks in mid-transfer', async () => {
      const snapshot = randomBytes(3_000_000);
      writeFileSync(join(directory, 'sessions', `${DAY}.sqlite`), snapshot);
      const server = await startServer();
      const relay = await startRelay(server.port, { afterBytes: 1_500_000 });
      ends.push(() => relay.stop());
      const options = { ...optionsFor({ ...server, port: relay.port }, root), silenceTimeoutMs: 300 };
      expect(await copyFrom(server, options, { port: relay.port })).toEqual({ kind: 'copied', journal: false });
      expect(readFileSync(`${into}.sqlite`).equals(snapshot)).toBe(true);
    });

    it('does not join two versions of a file when the connection breaks in mid-transfer', async () => {
      const file = join(directory, 'sessions', `${DAY}.sqlite`);
      writeFileSync(file, randomBytes(3_000_000));
      const server = await startServer();
      const relay = await startRelay(server.port, {
        afterBytes: 1_500_000,
        onFault: () => {
          writeFileSync(file, randomBytes(3_000_001));
        },
      });
      ends.push(() => relay.stop());
      const options = { ...optionsFor({ ...server, port: relay.port }, root), silenceTimeoutMs: 300 };
      expect(await copyFrom(server, options, { port: relay.port })).toEqual({
        kind: 'unreachable',
        why: `${file} changed while it was copied`,
      });
    });

    it('is unreachable when the server falls silent in mid-transfer again and again', async () => {
      writeFileSync(join(directory, 'sessions', `${DAY}.sqlite`), randomBytes(8_000_000));
      const server = await startServer();
      const relay = await startRelay(server.port, { afterBytes: 300_000 });
      ends.push(() => relay.stop());
      const options = { ...optionsFor({ ...server, port: relay.port }, root), silenceTimeoutMs: 200 };
      expect(await copyFrom(server, options, { port: relay.port })).toEqual({
        kind: 'unreachable',
        why: 'the server was silent for 0.2 s',
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

function locationOf({ user, port }: SftpServer, path: string): SftpLocation {
  return { user, host: '127.0.0.1', port, path };
}

/** With the server's host keys written to `directory`/known_hosts. */
function optionsFor(
  { port, identityFile, hostKeys }: SftpServer,
  directory: string,
): SftpOptions & { knownHostsFile: string; agentSocket: string } {
  writeKnownHosts(directory, ...hostKeys.map((key) => `[127.0.0.1]:${String(port)} ${key}`));
  return {
    identityFile,
    knownHostsFile: join(directory, 'known_hosts'),
    agentSocket: '',
    home: directory,
    reconnectDelayMs: 1,
  };
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
