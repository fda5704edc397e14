import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startHttpProxy } from '#test/support/http-proxy.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { Sending, START_MS } from '#test/support/sending.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const LOGIN = { user: 'reports', password: 'hunter2' };
const HOST = 'rua.good.example';

interface Wish {
  readonly user?: string;
  /** What the password file holds; undefined for none. */
  readonly password?: string;
  readonly mode?: number;
  readonly asCredential?: boolean;
}

interface Sent extends ProgramRun {
  readonly state: string | undefined;
  /** What it was told. */
  readonly lastResult: string | undefined;
  /** Of what reached the receiver. */
  readonly headers: readonly string[];
}

/** A run of send through a proxy that lets nobody through but LOGIN. */
async function sendWith(wish: Wish): Promise<Sent> {
  const { user = LOGIN.user, password, mode = 0o600, asCredential = false } = wish;
  const sending = await Sending.with({ destinations: [`https://${HOST}/v1`] });
  const ca = await makeTestCa();
  const { certPem, keyPem } = await ca.issue({ names: [HOST] });
  const sink = await startHttpsSink({ cert: certPem, key: keyPem });
  const proxy = await startHttpProxy({ toPort: sink.port, login: LOGIN });
  const directory = scratchDirectory();
  const [file, authorities] = [join(directory, 'https-proxy-password'), join(directory, 'ca.pem')];
  writeFileSync(authorities, ca.caPem);
  if (password !== undefined) writeFileSync(file, password);
  if (password !== undefined) chmodSync(file, mode);
  const named = password === undefined || asCredential ? [] : ['--https-proxy-password-file', file];
  const ended = await run(
    [
      ...['send', '--contact', 'tlsrpt@sender.example', '--https-ca', authorities],
      ...['--https-proxy', proxy.url.origin, '--https-proxy-user', user, ...named],
    ],
    {
      stateDir: sending.store.path,
      nowMs: START_MS,
      environment: asCredential ? { CREDENTIALS_DIRECTORY: directory } : {},
    },
  );
  await proxy.close();
  await sink.close();
  const [delivery] = sending.deliveries();
  const headers = sink.requests.flatMap((request) => Object.keys(request.headers));
  return { ...ended, state: delivery?.state, lastResult: delivery?.lastResult, headers };
}

describe('a proxy that wants credentials', () => {
  it.each([{ password: 'hunter2\n' }, { password: 'hunter2', mode: 0o444, asCredential: true }])(
    'is told user and password by send, and the receiver is not: %j',
    async (wish) => {
      const { code, stderr, state, headers } = await sendWith(wish);
      expect({ code, stderr, state }).toEqual({ code: 0, stderr: '', state: 'delivered' });
      expect(headers.filter((name) => name.includes('auth'))).toEqual([]);
    },
  );

  it('lets nothing through with another password, which is shown nowhere', async () => {
    const { code, stdout, stderr, lastResult } = await sendWith({ password: 'wrong-one\n' });
    expect(code).toBe(75);
    expect(lastResult).toContain('HTTP 407 Proxy Authentication Required');
    expect([stdout, stderr, lastResult].join('')).not.toContain('wrong-one');
  });

  it.each([
    [{ password: 'hunter2\n', mode: 0o644 }, 'https-proxy-password has the mode 0644, so every user of this machine'],
    [{ password: 'hunter2\nX-Evil: 1\n' }, 'send.https_proxy_password_file: the password must be one line.'],
    [{}, 'send.https_proxy_user is set, but not send.https_proxy_password_file.'],
  ])('ends send with 78 for %j', async (wish, why) => {
    const { code, stderr, state } = await sendWith(wish);
    expect({ code, state }).toEqual({ code: 78, state: 'queued' });
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('hunter2');
  });

  it('has no user with a colon', async () => {
    const { code, stderr } = await sendWith({ user: 'a:b', password: 'hunter2' });
    expect(code).toBe(64);
    expect(stderr).toContain('--https-proxy-user must not have a colon in it');
  });
});
