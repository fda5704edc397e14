/**
 * A stretch of network between client and server, with a fault in it: after so many bytes from the server nothing comes through any more.
 *
 * `onFault` is told then. When the server ends the connection, or the relay is stopped, the client's end is closed.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  stop(): Promise<void>;
}

export interface RelayFault {
  readonly afterBytes: number;
  readonly onFault?: () => void;
}

export async function startRelay(toPort: number, { afterBytes, onFault }: RelayFault): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(toPort, '127.0.0.1');
    let bytes = 0;
    upstream.on('data', (chunk) => {
      const before = bytes;
      bytes += chunk.length;
      if (bytes <= afterBytes) client.write(chunk);
      else if (before <= afterBytes) onFault?.();
    });
    client.on('data', (chunk) => upstream.write(chunk));
    tieEnds(client, upstream, sockets);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function tieEnds(client: Socket, upstream: Socket, sockets: Set<Socket>): void {
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      other.destroy();
    });
  }
}
