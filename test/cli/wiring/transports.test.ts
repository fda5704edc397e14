import { describe, expect, it, vi } from 'vitest';
import { run } from '#test/support/run-program.ts';
import { Sending, START_MS } from '#test/support/sending.ts';

vi.mock(import('node:os'), async (original) => ({
  ...(await original()),
  networkInterfaces: () => ({ eth0: [{ address: '8.8.8.8' }] }) as never,
}));

/** Through a proxy that nobody listens for, so nothing leaves this machine whatever is decided. */
const PROXY = ['--https-proxy', 'http://127.0.0.1:1', '--timeout', '2s'];

async function resultOf(destination: string): Promise<string | undefined> {
  const sending = await Sending.with({ destinations: [destination] });
  const words = ['send', '--contact', 'tlsrpt@sender.example', ...PROXY];
  await run(words, { stateDir: sending.store.path, nowMs: START_MS });
  return sending.deliveries()[0]?.lastResult;
}

describe('the ways out of send', () => {
  it('lead to no address of this machine', async () => {
    expect(await resultOf('https://8.8.8.8/')).toBe('not contacted: 8.8.8.8 (this machine) is not a public address');
  });

  it('lead to the public addresses of others', async () => {
    expect(await resultOf('https://8.8.4.4/')).toContain('127.0.0.1:1');
  });
});
