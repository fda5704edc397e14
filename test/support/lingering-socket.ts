/**
 * A TCP socket whose last close takes as long as its maker likes: it lingers (SO_LINGER), and its peer takes nothing of what it has to send.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { loadLibc, SystemCallError } from '#support/libc.ts';

const [AF_INET, SOCK_STREAM] = [2, 1];
const [SOL_SOCKET, SO_LINGER] = [1, 13];
const MSG_DONTWAIT = 0x40;
const MUCH = Buffer.alloc(1_048_576);

export async function openLingering(seconds: number): Promise<number> {
  const libc = loadLibc();
  const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
  libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, seconds).buffer), 8);
  const address = loopback(await startDeafServer());
  libc.connect(fd, address, address.length);
  fill(fd);
  return fd;
}

function fill(fd: number): void {
  try {
    for (;;) loadLibc().sendto(fd, MUCH, MUCH.length, MSG_DONTWAIT, Buffer.alloc(0), 0);
  } catch (error) {
    if (!(error instanceof SystemCallError && error.code === 'EAGAIN')) throw error;
  }
}

function startDeafServer(): Promise<number> {
  const connections: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (connection) => {
    connections.push(connection.on('error', () => undefined));
  });
  onTestFinished(() => {
    for (const connection of connections) connection.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** A struct sockaddr_in. */
function loopback(port: number): Buffer {
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF_INET);
  address.writeUInt16BE(port, 2);
  address.set([127, 0, 0, 1], 4);
  return address;
}
