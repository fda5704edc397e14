import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sftpSource } from '#adapters/sftp/sftp-source.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSsh2Server } from '#test/support/ssh2-server.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const NAME_CHARACTERS = 1_000;

it('A listing of endlessly long names is read no further than the names of a state directory can be long', async () => {
  const root = scratchDirectory();
  mkdirSync(join(root, 'state', 'sessions'), { recursive: true });
  let told = 0;
  const listing = (function* (): Generator<string> {
    for (;;) yield `${String((told += 1))} ${'n'.repeat(NAME_CHARACTERS)}`.slice(0, NAME_CHARACTERS);
  })();
  const server = await startSsh2Server({ directory: root, listing });
  onTestFinished(() => server.kill());
  const { port, user, identityFile, hostKeys } = server;
  const knownHostsFile = join(root, 'known_hosts');
  writeFileSync(knownHostsFile, `[127.0.0.1]:${String(port)} ${String(hostKeys[0])}\n`);
  const location = { user, host: '127.0.0.1', port, path: join(root, 'state') };
  const source = sftpSource(location, { identityFile, knownHostsFile, agentSocket: '', home: root });
  expect(await source.copyDay(DAY, join(root, 'copy'))).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('are longer than those of any state directory') as string,
  });
  expect(told * NAME_CHARACTERS).toBeLessThan(6_000_000);
});
