/**
 * A server on 127.0.0.1 that takes connections and never says a word.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export async function startSilentServer(): Promise<{ readonly port: number; close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
