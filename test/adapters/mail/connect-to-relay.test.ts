import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectToRelay } from '#adapters/mail/connect-to-relay.ts';

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('connectToRelay', () => {
  it('connects by the name that the system knows', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = await connectToRelay({ host: 'localhost', port, timeoutMs: 5_000 });
    expect(socket.remotePort).toBe(port);
    socket.destroy();
    server.close();
  });

  it('says which server cannot be reached, and why', async () => {
    const port = await closedPort();
    await expect(connectToRelay({ host: '127.0.0.1', port, timeoutMs: 5_000 })).rejects.toThrow(
      `our mail server 127.0.0.1:${String(port)} cannot be reached: connect ECONNREFUSED 127.0.0.1:${String(port)}`,
    );
  });

  it('puts brackets around an IPv6 address', async () => {
    await expect(connectToRelay({ host: '::1', port: 1, timeoutMs: 5_000 })).rejects.toThrow(
      /^our mail server \[::1\]:1 cannot be reached: connect /,
    );
  });

  it('says that a name leads nowhere', async () => {
    await expect(connectToRelay({ host: 'no-such-host.invalid', port: 25, timeoutMs: 5_000 })).rejects.toThrow(
      /no-such-host\.invalid:25 cannot be reached: .*no-such-host\.invalid|in time/,
    );
  });
});
