/**
 * Sends real datagrams to a unix socket, as an MTA does, from this process.
 *
 * Waits when the receiver's queue is full, where an MTA would lose the datagram; so what is sent is what must be counted.
 */
import { loadLibc } from '#support/libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;

export function sendDatagrams(path: string, datagrams: readonly Buffer[]): void {
  const libc = loadLibc();
  const address = Buffer.alloc(110);
  address.writeUInt16LE(AF_UNIX, 0);
  const addressLength = 2 + address.write(path, 2) + 1;
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  try {
    for (const bytes of datagrams) libc.sendto(fd, bytes, bytes.length, 0, address, addressLength);
  } finally {
    libc.close(fd);
  }
}
