import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { startHttpStandIn } from '#test/support/http-stand-in.ts';
import { run } from '#test/support/run-program.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

async function collectedHost(): Promise<string> {
  const days = await CollectedDays.make();
  days.collect([makeDatagram({ domain: 'a.example' })]);
  return days.store.path;
}

describe('tlsrpt publish', () => {
  it('needs to know where to', async () => {
    const { code, stderr } = await run(['publish', '--state-dir', await collectedHost()]);
    expect([code, stderr]).toEqual([78, expect.stringContaining('cluster.url is not set')]);
  });

  it.each([
    ['http://search.example.net:9200', 78, 'without TLS'],
    ['https://user:secret@search.example.net', 64, 'must be of the form https://host[:port], without credentials'],
    ['ftp://search.example.net', 64, 'must be of the form https://host[:port], without credentials'],
  ])('refuses %s', async (url, exitCode, why) => {
    const { code, stderr } = await run(['publish', '--cluster-url', url, '--state-dir', await collectedHost()]);
    expect([code, stderr]).toEqual([exitCode, expect.stringContaining(why)]);
    expect(stderr).not.toContain('secret');
  });

  it('refuses a password that others can read', async () => {
    const file = join(scratchDirectory(), 'password');
    writeFileSync(file, 'secret\n');
    chmodSync(file, 0o644);
    const words = ['--cluster-url', 'http://127.0.0.1:9', '--cluster-user', 'u', '--cluster-password-file', file];
    const { code, stderr } = await run(['publish', ...words, '--state-dir', await collectedHost()]);
    expect([code, stderr]).toEqual([78, expect.stringContaining('cluster.password_file')]);
    expect(stderr).not.toContain('secret');
  });

  it('says what the server has against it', async () => {
    const server = await startHttpStandIn((_, response) => response.writeHead(401).end());
    const words = ['--cluster-url', server.url.origin, '--state-dir', await collectedHost()];
    const { exitCode, stderr } = await runTlsrpt(['publish', ...words]);
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining('user or password are wrong')]);
  });

  it('goes on with --follow whatever the server says, until it is told to stop', async () => {
    const server = await startHttpStandIn((_, response) => response.writeHead(403).end());
    const words = ['--cluster-url', server.url.origin, '--state-dir', await collectedHost()];
    const following = startTlsrpt(['publish', '--follow', ...words]);
    await following.said('cluster-refused');
    following.kill('SIGTERM');
    const { exitCode, stderr } = await following.ended;
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('publish-stopping')]);
  });
});
