/**
 * A datagram socket that this process was started with, usually by systemd (tlsrpt.socket).
 *
 * Whoever made it goes on holding it: its name, owner and mode are not ours to change, and what is queued when this process ends
 * stays for the next one.
 * Problems: inherited-socket-unusable.
 */
import { fstatSync, readlinkSync } from 'node:fs';
import { SystemCallError } from '#support/libc.ts';
import type { Libc } from '#support/libc.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { AF_UNIX, nameOfUnixAddress, SOCK_DGRAM, UNIX_ADDRESS_BYTES } from '#support/unix-address.ts';
import type { DatagramSocket } from './datagram-socket.ts';
import { unixSockets } from './unix-socket-table.ts';

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_DOMAIN = 39;

/** `libc` is undefined where it cannot be called. */
export function adoptDatagramSocket(fd: number, libc: Libc | undefined): DatagramSocket {
  const name = libc ? nameFromKernel(fd, libc) : nameFromTable(fd);
  return { fd, name: name ?? `descriptor ${String(fd)}`, publish: () => undefined, unlink: () => undefined };
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

/** A socket made in another network namespace (PrivateNetwork=yes) is not in our table; that it is a socket must do then. */
function nameFromTable(fd: number): string | undefined {
  const inode = socketInode(fd);
  const socket = unixSockets().find((candidate) => candidate.inode === inode);
  if (socket && socket.type !== SOCK_DGRAM) throw unusable(fd, 'it is a socket of another kind');
  return socket?.path;
}

function socketInode(fd: number): string | undefined {
  try {
    if (!fstatSync(fd).isSocket()) throw unusable(fd, 'it is no socket');
    return /\d+/.exec(readlinkSync(`/proc/self/fd/${String(fd)}`))?.[0];
  } catch (error) {
    throw error instanceof Problem ? error : unusable(fd, messageOf(error));
  }
}

function unusable(fd: number, why: string): Problem {
  return new Problem(
    'inherited-socket-unusable',
    `Descriptor ${String(fd)}, which LISTEN_FDS announces, is no unix datagram socket: ${why}. ` +
      'Let the .socket unit have ListenDatagram= with a path, and nothing else that listens.',
  );
}
