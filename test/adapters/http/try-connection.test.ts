import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
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

it('Nothing is heard where as many wait already as may', async () => {
  const host = '127.0.0.1';
  const port = await portThatTakesNobody();
  const waiting = Array.from({ length: MORE_THAN_MAY_WAIT }, () =>
    connect({ host, port }).on('error', () => undefined),
  );
  onTestFinished(() => {
    for (const socket of waiting) socket.destroy();
  });
  await Promise.race(waiting.map((socket) => once(socket, 'connect')));
  const trials = await Promise.all(waiting.map(() => tryConnection({ host, port }, 100)));
  expect(trials).toContainEqual({ kind: 'silent', waitedMs: 100 });
});

const MORE_THAN_MAY_WAIT = 8;

/** The process that listens is stopped, so the kernel lets very few wait, and then drops what comes. */
async function portThatTakesNobody(): Promise<number> {
  const listening =
    "require('net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () { console.log(this.address().port) })";
  const child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  return Number(said);
}
