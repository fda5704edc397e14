import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const ca = await makeTestCa();
const one = await ca.issue({ names: ['one.example'] });
const other = await ca.issue({ names: ['other.example'] });

let directory: string;

beforeEach(() => {
  directory = scratchDirectory();
});

function file(name: string, content: string, mode = 0o600): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** Of a collector that is not to start. */
async function complaint(...words: string[]): Promise<string> {
  const socket = words.includes('--socket') ? [] : ['--socket', join(directory, 'socket')];
  const { code, stderr } = await run(['collect', ...socket, ...words], {
    stateDir: join(directory, 'state'),
  });
  expect([64, 78]).toContain(code);
  return stderr;
}

describe('A collector does not start', () => {
  it.each(['192.0.2.1:9200', '0.0.0.0:9200', '[::]:9200'])('on %s without TLS', async (address) => {
    expect(await complaint('--http', address)).toContain(
      'collect.http: other machines reach this address, so it needs TLS',
    );
  });

  it('with nothing to receive on', async () => {
    expect(await complaint('--socket', 'none')).toContain('nothing can be received');
  });

  it.each(['localhost:9200', '127.0.0.1', '127.0.0.1:65536', '::1:9200'])(
    'on %s, which is not an address',
    async (address) => {
      expect(await complaint('--http', address)).toContain('must be an address with a port');
    },
  );

  it('with a certificate and another key, or without one', async () => {
    const certificate = file('cert.pem', one.certPem);
    const words = ['--http', '127.0.0.1:0', '--http-certificate', certificate];
    expect(await complaint(...words)).toContain('go together');
    expect(await complaint(...words, '--http-key', file('key.pem', other.keyPem))).toContain(
      'not a certificate and its key',
    );
    expect(await complaint(...words, '--http-key', file('open.pem', one.keyPem, 0o644))).toContain('Run chmod o=');
  });

  it('with credentials that others can read, or that are none', async () => {
    const words = ['--http', '127.0.0.1:0', '--http-credentials'];
    const open = await complaint(...words, file('open', 'bearer hunter2\n', 0o604));
    expect(open).toContain('has the mode 0604');
    expect(open).not.toContain('hunter2');
    const bad = await complaint(...words, file('bad', 'bearer good\nhunter2\n'));
    expect(bad).toContain('collect.http_credentials: line 2 of');
    expect(bad).not.toContain('hunter2');
    expect(await complaint(...words, join(directory, 'missing'))).toContain('cannot be read (ENOENT)');
  });
});
