import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { tryConnection } from '#adapters/http/try-connection.ts';

async function portOf(backlog: number): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen({ host: '127.0.0.1', port: 0, backlog });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

it('A connection is taken where somebody listens', async () => {
  const address = { host: '127.0.0.1', port: await portOf(5) };
  expect(await tryConnection(address, 30_000)).toEqual({ kind: 'taken' });
});

it('A connection fails where nobody does', async () => {
  expect(await tryConnection({ host: '127.0.0.1', port: 1 }, 30_000)).toEqual({ kind: 'failed', why: 'ECONNREFUSED' });
});

it('Nothing is heard where no time is given to say anything', async () => {
  const address = { host: '127.0.0.1', port: await portOf(5) };
  expect(await tryConnection(address, 0)).toEqual({ kind: 'silent', waitedMs: 0 });
});
