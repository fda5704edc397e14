/**
 * A server of `collect --http` on a free port of 127.0.0.1, and connections to it, for as long as a test lasts.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { NewsTeller } from '#adapters/http/http-news.ts';
import { SessionServer } from '#adapters/http/session-server.ts';
import type { SessionServerOptions } from '#adapters/http/session-server.ts';

export interface StartedSessionServer {
  readonly server: SessionServer;
  readonly port: number;
}

export async function startSessionServer(
  options: Pick<SessionServerOptions, 'handOver'> & Partial<SessionServerOptions>,
): Promise<StartedSessionServer> {
  const server = new SessionServer({
    addresses: [{ host: '127.0.0.1', port: 0 }],
    secrets: { identity: undefined, credentials: undefined },
    isFull: () => false,
    news: new NewsTeller(() => undefined),
    ...options,
  });
  onTestFinished(async () => {
    await server.stop();
    await server.finish();
  });
  const [name = ''] = await server.listen();
  return { server, port: Number(name.split(':')[1]) };
}

/** How it ends is nobody's trouble. */
export async function connectedTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}
