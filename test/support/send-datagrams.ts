/**
 * Sends real datagrams to a unix socket, as an MTA does, from this process.
 *
 * Waits when the receiver's queue is full, where an MTA would lose the datagram; so what is sent is what must be counted.
 */
import { loadLibc } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';

export function sendDatagrams(path: string, datagrams: readonly Buffer[]): void {
  const libc = loadLibc();
  const address = unixAddress(path);
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  try {
    for (const bytes of datagrams) libc.sendto(fd, bytes, bytes.length, 0, address.bytes, address.length);
  } finally {
    libc.close(fd);
  }
}
