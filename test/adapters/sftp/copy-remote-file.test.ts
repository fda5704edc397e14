import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sftpSource } from '#adapters/sftp/sftp-source.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSsh2Server } from '#test/support/ssh2-server.ts';
import type { Ssh2ServerWish } from '#test/support/ssh2-server.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

describe('A file of a server that tells little of it', () => {
  let root: string;
  let into: string;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(() => {
    root = scratchDirectory();
    into = join(root, 'copy');
  });

  /** With one day. */
  async function sourceTelling(attributes: Ssh2ServerWish['attributes']): Promise<StateSource> {
    mkdirSync(join(root, 'state', 'sessions'), { recursive: true });
    writeFileSync(join(root, 'state', 'sessions', `${DAY}.sqlite`), 'a snapshot');
    const server = await startSsh2Server({ directory: root, ...(attributes && { attributes }) });
    ends.push(() => server.kill());
    const { port, user, identityFile, hostKeys } = server;
    const knownHostsFile = join(root, 'known_hosts');
    writeFileSync(knownHostsFile, `[127.0.0.1]:${String(port)} ${String(hostKeys[0])}\n`);
    const location = { user, host: '127.0.0.1', port, path: join(root, 'state') };
    return sftpSource(location, { identityFile, knownHostsFile, agentSocket: '', home: root });
  }

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  it.each<[string, Ssh2ServerWish['attributes']]>([
    ['its times', ['mode', 'size']],
    ['its size', ['mode', 'atime', 'mtime']],
    ['anything', []],
  ])('is copied without %s', async (_, attributes) => {
    const source = await sourceTelling(attributes);
    expect(await source.copyDay(DAY, into)).toEqual({ kind: 'copied', journal: false });
    expect(readFileSync(`${into}.sqlite`, 'utf8')).toBe('a snapshot');
  });

  it('is copied again when nobody can tell whether it is the one that is here', async () => {
    const source = await sourceTelling(['mode', 'size']);
    const known = { sizeBytes: 10, modifiedSeconds: 0, head: Buffer.from('a snapshot') };
    expect(await source.copyDay(DAY, into, { known })).toEqual({ kind: 'copied', journal: false });
  });
});
