/**
 * A datagram socket that this process was started with, usually by systemd (tlsrpt.socket).
 *
 * Whoever made it goes on holding it: its name, owner and mode are not ours to change, and what is queued when this process ends
 * stays for the next one.
 * Problems: inherited-socket-unusable.
 */
import { SystemCallError } from '#support/libc.ts';
import type { Libc } from '#support/libc.ts';
import { Problem } from '#support/problem.ts';
import { AF_UNIX, nameOfUnixAddress, SOCK_DGRAM, UNIX_ADDRESS_BYTES } from '#support/unix-address.ts';
import type { DatagramSocket } from './datagram-socket.ts';

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_DOMAIN = 39;

export function adoptDatagramSocket(fd: number, libc: Libc): DatagramSocket {
  const name = nameFromKernel(fd, libc);
  return {
    fd,
    name: name ?? `descriptor ${String(fd)}`,
    publish: () => undefined,
    whyUnreachable: () => undefined,
    unlink: () => undefined,
  };
}

function nameFromKernel(fd: number, libc: Libc): string | undefined {
  try {
    const [domain, type] = [SO_DOMAIN, SO_TYPE].map((option) => integerOption(libc, fd, option));
    if (domain !== AF_UNIX || type !== SOCK_DGRAM) throw unusable(fd, 'it is a socket of another kind');
    const address = Buffer.alloc(UNIX_ADDRESS_BYTES);
    const length = asInteger(address.length);
    libc.getsockname(fd, address, length);
    return nameOfUnixAddress(address.subarray(0, length.readInt32LE()));
  } catch (error) {
    throw error instanceof SystemCallError ? unusable(fd, error.message) : error;
  }
}

function integerOption(libc: Libc, fd: number, option: number): number {
  const value = asInteger(0);
  libc.getsockopt(fd, SOL_SOCKET, option, value, asInteger(value.length));
  return value.readInt32LE();
}

function asInteger(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function unusable(fd: number, why: string): Problem {
  return new Problem(
    'inherited-socket-unusable',
    `Descriptor ${String(fd)}, which LISTEN_FDS announces, is no unix datagram socket: ${why}. ` +
      'Let the .socket unit have ListenDatagram= with a path, and nothing else that listens.',
  );
}
